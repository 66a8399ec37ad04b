const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** A name as text: UTF-8 where it is that, else with each byte that is not ASCII as `%XX`. */
export function decodeName(bytes: Uint8Array): string {
	try {
		return utf8.decode(bytes);
	} catch {
		return Buffer.from(bytes)
			.toString('latin1')
			.replace(/[\u0080-\u00ff%]/g, (byte) => `%${byte.charCodeAt(0).toString(16).toUpperCase().padStart(2, '0')}`);
	}
}

/** One field of a section: the word that it starts with, and the rest. */
export interface Field {
	readonly word: string;
	readonly rest: string;
}

/** NUL-terminated fields as `observe.sh` prints them, by section; a section that comes twice is continued. */
export function parseSections(output: Buffer): Map<string, Field[]> {
	const sections = new Map<string, Field[]>();
	let current: Field[] | undefined;
	let start = 0;
	while (start < output.length) {
		const end = output.indexOf(0, start);
		if (end === -1) {
			break;
		}
		const text = decodeName(output.subarray(start, end));
		start = end + 1;
		if (text.startsWith('@')) {
			const name = text.slice(1);
			current = sections.get(name) ?? [];
			sections.set(name, current);
		} else if (current !== undefined) {
			const space = text.indexOf(' ');
			current.push(
				space === -1 ? { word: text, rest: '' } : { word: text.slice(0, space), rest: text.slice(space + 1) },
			);
		}
	}
	return sections;
}

/** The rest of the first field of that word, or the empty text. */
export function fieldOf(fields: readonly Field[] | undefined, word: string): string {
	return fields?.find((field) => field.word === word)?.rest ?? '';
}
