import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Oid } from '../model/observation.js';
import type { Git } from './run.js';

/**
 * A merged file in which every place of conflict has the lines of the common commit: what a merge editor begins with, and
 * may save before anybody has decided. `folder` is for what is thrown away. Bytes are one character each.
 */
export async function unsettledText(
	git: Git,
	folder: string,
	{ base, ours, theirs }: { readonly base: Oid | null; readonly ours: Oid; readonly theirs: Oid },
): Promise<string> {
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
	return withBaseLines(merged.stdout.toString('latin1'));
}

function withBaseLines(text: string): string {
	const kept: string[] = [];
	let part: 'common' | 'ours' | 'base' | 'theirs' = 'common';
	for (const line of text.split(/(?<=\n)/)) {
		if (/^<{40} /.test(line)) {
			part = 'ours';
		} else if (part === 'ours' && /^\|{40} /.test(line)) {
			part = 'base';
		} else if (part === 'base' && /^={40}\r?\n/.test(line)) {
			part = 'theirs';
		} else if (part === 'theirs' && /^>{40} /.test(line)) {
			part = 'common';
		} else if (part === 'common' || part === 'base') {
			kept.push(line);
		}
	}
	return kept.join('');
}
