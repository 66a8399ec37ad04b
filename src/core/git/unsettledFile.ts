import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Oid } from '../model/observation.js';
import type { Git } from './run.js';

/** A place of conflict with the lines of the common commit in it, and the lines around it that both sides have. */
export interface UnsettledPlace {
	readonly before: readonly string[];
	readonly base: readonly string[];
	readonly after: readonly string[];
}

/** A merged file as a merge editor begins with it, and may save before anybody has decided. */
export interface Unsettled {
	/** With the lines of the common commit in every place of conflict. */
	readonly text: string;
	readonly places: readonly UnsettledPlace[];
}

/** Merges a file and leaves every conflict open. `folder` is for what is thrown away. Bytes are one character each. */
export async function unsettledFile(
	git: Git,
	folder: string,
	{ base, ours, theirs }: { readonly base: Oid | null; readonly ours: Oid; readonly theirs: Oid },
): Promise<Unsettled> {
	const files = await Promise.all(
		[ours, base, theirs].map(async (oid, side) => {
			const path = join(folder, `side-${side}`);
			const bytes = oid === null ? Buffer.alloc(0) : (await git.run(['cat-file', 'blob', oid])).stdout;
			await writeFile(path, bytes, { mode: 0o600 });
			return path;
		}),
	);
	// The exit code counts the conflicts up to 127, and is 255 for a file that is no text (git-merge-file(1)).
	const allow = [255, ...Array.from({ length: 128 }, (_, code) => code)];
	const merged = await git.run(['merge-file', '-p', '--diff3', '--marker-size=40', '-q', ...files], { allow });
	return unsettled(merged.stdout.toString('latin1'));
}

const contextLines = 3;

function unsettled(marked: string): Unsettled {
	// Common lines and those of a conflict take turns: the first, and each second one after it, is common.
	const parts: string[][] = [[]];
	let part: 'common' | 'ours' | 'base' | 'theirs' = 'common';
	for (const line of linesOf(marked)) {
		if (/^<{40} /.test(line)) {
			part = 'ours';
			parts.push([]);
		} else if (part === 'ours' && /^\|{40} /.test(line)) {
			part = 'base';
		} else if (part === 'base' && /^={40}\r?\n/.test(line)) {
			part = 'theirs';
		} else if (part === 'theirs' && /^>{40} /.test(line)) {
			part = 'common';
			parts.push([]);
		} else if (part === 'common' || part === 'base') {
			parts.at(-1)!.push(line);
		}
	}
	const places = parts.flatMap((base, index) =>
		index % 2 === 0
			? []
			: [
					{
						before: parts[index - 1]!.slice(-contextLines),
						base,
						after: parts[index + 1]?.slice(0, contextLines) ?? [],
					},
				],
	);
	return { text: parts.flat().join(''), places };
}

/** How many of the places still have the lines of the common commit in a file, as if nobody had decided them. */
export function undecidedPlaces(text: string, places: readonly UnsettledPlace[]): number {
	const lines = linesOf(text);
	return places.filter(({ before, base, after }) => {
		const wanted = [...before, ...base, ...after];
		const last = lines.length - wanted.length;
		if (before.length + after.length === 0) {
			return text === base.join('');
		}
		// Where one side of the place has nothing in common, it is an end of the file.
		const first = before.length === 0 ? 0 : after.length === 0 ? last : null;
		const starts = first === null ? lines.map((_line, start) => start) : [first];
		return starts.some(
			(start) => start >= 0 && start <= last && wanted.every((line, index) => lines[start + index] === line),
		);
	}).length;
}

function linesOf(text: string): string[] {
	return text === '' ? [] : text.split(/(?<=\n)/);
}
