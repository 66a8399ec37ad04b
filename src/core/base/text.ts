/** Who shows the text: the command line, where a person types commands, or VS Code, where nobody is told to. */
export type Face = 'cli' | 'ui';

// Control characters, bidirectional overrides and zero-width characters: none of them belongs into shown text.
const unsafeCharacters = /[\p{Cc}\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]/gu;

/** Text of a session, safe to show on one line: control characters become `\ufffd`, and what is too long is cut. */
export function shownText(text: string, maxLength = 500): string {
	const safe = text.replace(unsafeCharacters, '\ufffd');
	return safe.length > maxLength ? `${safe.slice(0, maxLength - 1)}…` : safe;
}

/** `1 commit`, `3 commits`. */
export function count(amount: number, singular: string, plural = `${singular}s`): string {
	return `${amount} ${amount === 1 ? singular : plural}`;
}

const byteUnits = ['byte', 'kilobyte', 'megabyte', 'gigabyte', 'terabyte'] as const;

/** An amount of bytes in the largest unit that it fills, each a thousand of the one before: `1.2 MB`. */
export function byteText(bytes: number, language = 'en'): string {
	const power = Math.min(Math.max(Math.floor(Math.log10(Math.max(bytes, 1)) / 3), 0), byteUnits.length - 1);
	return (bytes / 1000 ** power).toLocaleString(language, {
		style: 'unit',
		unit: byteUnits[power]!,
		maximumFractionDigits: 1,
	});
}

/** The text as one word for a POSIX shell, so that a name of a session in a printed command stays a name. */
export function shellWord(text: string): string {
	return /^[\w./:@%+=][\w./:@%+=-]*$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`;
}
