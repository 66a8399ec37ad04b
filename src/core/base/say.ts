/** Puts a text into the language of who reads it; `{0}` and so on stand for the values. `vscode.l10n.t` is one. */
export type Translate = (text: string, ...values: readonly string[]) => string;

/** A template tag for texts that are translated; its values stand where they stand in the sentence of that language. */
export type Say = (parts: TemplateStringsArray, ...values: readonly (string | number | undefined)[]) => string;

/** The text as it is written. */
export function asWritten(text: string, ...values: readonly string[]): string {
	// Without values it may be somebody else's, with braces of its own.
	return values.length === 0
		? text
		: text.replaceAll(/\{(\d+)\}/g, (_place, index: string) => values[Number(index)] ?? '');
}

/** The tag of a language. Signs alone are the same in all of them. */
export function sayIn(translate: Translate): Say {
	return (parts, ...values) => {
		const text = parts.reduce((before, part, index) => `${before}{${index - 1}}${part}`);
		const words = values.map((value) => String(value ?? ''));
		return (/\p{L}/u.test(parts.join('')) ? translate : asWritten)(text, ...words);
	};
}

/**
 * A reason in the language of who reads it. What follows a colon may be what somebody else said, and stays as it is: what a reason
 * names stands at its end.
 */
export function reasonIn(reason: string, translate: Translate): string {
	// What has no blank is a name, a number or a code.
	if (!reason.includes(' ')) {
		return reason;
	}
	const whole = translate(reason);
	const colon = reason.indexOf(': ');
	return whole !== reason || colon === -1 ? whole : translate(reason.slice(0, colon)) + reason.slice(colon);
}
