/** One request that came in. */
export interface SeenRequest {
	readonly method: string;
	/** Without the query. */
	readonly path: string;
	readonly query: string;
	readonly upgrade: boolean;
}

/** What the server has seen. */
export interface Counters {
	readonly requests: readonly SeenRequest[];
	/** TCP connections since the start. */
	connections(): number;
	openSockets(): number;
	reset(): void;
}
