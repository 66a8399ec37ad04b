import { decodeName } from './session/fields.js';

/**
 * A path as git gives it: a string with one character for each byte, so that names that are no UTF-8 go through
 * unharmed. Only for handing back to git or the file system; shown and stored as {@link readable}.
 */
export type BytePath = string;

/** Splits NUL-terminated output into byte paths. */
export function bytePaths(output: Buffer): BytePath[] {
	const text = output.toString('latin1');
	return text === '' ? [] : text.replace(/\0$/, '').split('\0');
}

/** Byte paths as NUL-terminated input. */
export function nulInput(paths: readonly BytePath[]): Buffer {
	return Buffer.from(paths.map((path) => `${path}\0`).join(''), 'latin1');
}

/** A byte path inside a folder, for `node:fs`. */
export function inFolder(folder: string, path: BytePath): Buffer {
	return Buffer.concat([Buffer.from(`${folder}/`), Buffer.from(path, 'latin1')]);
}

/** A byte path as text. */
export function readable(path: BytePath): string {
	return decodeName(Buffer.from(path, 'latin1'));
}

/** The byte paths that {@link readable} may have made this text of, the likelier first. */
export function writtenAs(text: string): BytePath[] {
	const exact = Buffer.from(text).toString('latin1');
	const escaped = exact.replace(/%([0-9A-F]{2})/g, (_, byte: string) => String.fromCharCode(Number.parseInt(byte, 16)));
	return escaped === exact ? [exact] : [exact, escaped];
}
