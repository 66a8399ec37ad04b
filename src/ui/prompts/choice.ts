/** One line to choose. */
export interface Choice<T> {
	readonly label: string;
	readonly description?: string;
	readonly detail?: string;
	/** Choices with the same group that stand together get it as their heading. */
	readonly group?: string;
	readonly value: T;
}

/** One line to choose among several, which may be chosen already. */
export interface PickableChoice<T> extends Choice<T> {
	readonly picked: boolean;
}

/** How choices are offered. */
export interface PickOptions<T> {
	/** Where this question stands among several, such as `2 of 4`. */
	readonly step?: string;
	/** What the button that leads back answers; without it there is none. */
	readonly back?: T;
}
