/** HTML that is safe to show: made by {@link html} alone. */
export interface Html {
	readonly html: string;
}

type Part = Html | string | number | null | readonly (Html | string)[];

/** HTML with values in it: texts are escaped, lists are put one after the other, null is nothing. */
export function html(strings: TemplateStringsArray, ...values: readonly Part[]): Html {
	return { html: strings.reduce((text, string, index) => text + partText(values[index - 1] ?? null) + string) };
}

function partText(part: Part): string {
	if (part === null) {
		return '';
	}
	if (typeof part === 'string' || typeof part === 'number') {
		return escaped(String(part));
	}
	return 'html' in part ? part.html : part.map(partText).join('');
}

const entities: Readonly<Record<string, string>> = {
	'&': '&amp;',
	'<': '&lt;',
	'>': '&gt;',
	'"': '&quot;',
	"'": '&#39;',
};

function escaped(text: string): string {
	return text.replace(/[&<>"']/g, (character) => entities[character]!);
}
