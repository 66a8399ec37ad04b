/** Puts a text into the language of who reads it; `{0}` and so on stand for the values. `vscode.l10n.t` is one. */
export type Translate = (text: string, ...values: readonly string[]) => string;

/** A template tag for texts that are translated; its values stand where they stand in the sentence of that language. */
export type Say = (parts: TemplateStringsArray, ...values: readonly (string | number | undefined)[]) => string;

/** The text as it is written. */
export function asWritten(text: string, ...values: readonly string[]): string {
	return text.replaceAll(/\{(\d+)\}/g, (_place, index: string) => values[Number(index)] ?? '');
}

/** The tag of a language. Signs alone are the same in all of them. */
export function sayIn(translate: Translate): Say {
	return (parts, ...values) => {
		const text = parts.reduce((before, part, index) => `${before}{${index - 1}}${part}`);
		const words = values.map((value) => String(value ?? ''));
		return (/\p{L}/u.test(parts.join('')) ? translate : asWritten)(text, ...words);
	};
}
