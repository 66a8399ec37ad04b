import type { ModelPath } from './files.js';
import { utf8Bytes } from './world.js';

/** Names that files of a session and of home get; many are there already or clash with one that is. */
export const paths: readonly ModelPath[] = [
	'a.txt',
	'b.txt',
	'dir/c.txt',
	'a.txt',
	'b.txt',
	'run.sh',
	'link',
	'dir',
	'new.txt',
	'new.txt/inside',
	'dir/new file.txt',
	'deep/er/x',
	'line\nbreak',
	'tab\tand "quotes"',
	' lead and trail ',
	'-dash',
	'@at',
	'*?[glob]',
	'back\\slash',
	utf8Bytes('ünïcodé/文字.txt'),
	'\xff\xfe not utf8',
	'control\x01character',
	'one.ign',
	'.env',
];

/** True for what Homeport leaves out on purpose, and says so: untracked files that look like credentials. */
export function looksLikeCredentials(path: ModelPath): boolean {
	return path === '.env';
}

/** True for what a working tree of these files ignores: `*.ign`, unless its `.gitignore` is gone. */
export function isIgnored(path: ModelPath, files: ReadonlyMap<ModelPath, unknown>): boolean {
	return path.endsWith('.ign') && files.has('.gitignore');
}
