import type { FindingCode, FindingLevel } from '../model/finding.js';

/** A rule of inspection that something broke. */
export interface Fault {
	readonly code: FindingCode;
	readonly level: FindingLevel;
	readonly detail: string;
}

/** What is known of one name in a tree. */
export interface NameFacts {
	/** The name's bytes, one character each. */
	readonly name: string;
	/** The name as a file system without case, Unicode forms and ignorable characters sees it. */
	readonly folded: string;
	/** True for `.gitmodules` and whatever HFS+ or NTFS takes for it. */
	readonly isModules: boolean;
	readonly faults: readonly Fault[];
}

// Code points that HFS+ leaves out of a comparison (git's `next_hfs_char` lists the same).
const hfsIgnorable = /[\u200c-\u200f\u202a-\u202e\u206a-\u206f\ufeff]/g;
// What NTFS drops at the end of a name, and the stream that may follow.
const ntfsTail = String.raw`[. ]*(?::.*)?$`;
const dotGit = new RegExp(`^(?:\\.git|git~[1-9])${ntfsTail}`, 'is');
// The short names that NTFS can give `.gitmodules` (git's `is_ntfs_dot_generic`).
const shortModules = 'gitmod~[1-4]|gi7eba~[1-9]|gi7eb~[1-9]\\d|gi7e~[1-9]\\d{2}|gi7~[1-9]\\d{3}|gi~[1-9]\\d{4}';
const dotGitModules = new RegExp(`^(?:\\.gitmodules|${shortModules}|g~[1-9]\\d{5}|~[1-9]\\d{6})${ntfsTail}`, 'is');
// Names of devices, whatever extension follows ("Naming Files, Paths, and Namespaces" of the Windows documentation).
const device = /^(?:con|prn|aux|nul|com[0-9¹²³]|lpt[0-9¹²³]|conin\$|conout\$) *(?:[.:].*)?$/is;
// oxlint-disable-next-line no-control-regex
const notOnWindows = /[<>:"|?*\\\u0000-\u001f]/;
const plainName = /^[a-z0-9_][a-z0-9_-]*(?:\.[a-z0-9_-]+)*$/;

const deviceName = 'the name of a device on Windows';

const strictUtf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** The text of a name given as bytes, one character each; null where it is not UTF-8. */
function nameText(name: string): string | null {
	// oxlint-disable-next-line no-control-regex
	if (/^[\u0000-\u007f]*$/.test(name)) {
		return name;
	}
	try {
		return strictUtf8.decode(Buffer.from(name, 'latin1'));
	} catch {
		return null;
	}
}

/** The text of a path for people: bytes that are not UTF-8 become `\ufffd`. */
export function pathText(path: string): string {
	return Buffer.from(path, 'latin1').toString('utf8');
}

/** True when some file system takes `text`, or a part of it between slashes of either kind, for `.git`. */
export function isDotGit(text: string): boolean {
	return text.split(/[\\/]/).some((part) => dotGit.test(part.replace(hfsIgnorable, '')));
}

/** Judges the bytes of one name in a tree by itself, for every file system, whatever this one is. */
export function judgeName(name: string): NameFacts {
	if (plainName.test(name)) {
		return { name, folded: name, isModules: false, faults: device.test(name) ? [onWindows(deviceName)] : [] };
	}
	const text = nameText(name);
	const readable = text ?? name;
	return {
		name,
		folded: text === null ? `\0${name.toLowerCase()}` : foldName(text),
		isModules: dotGitModules.test(readable.replace(hfsIgnorable, '')),
		faults: [...unsafeFaults(readable), ...windowsFaults(text)],
	};
}

function foldName(text: string): string {
	return text.replace(hfsIgnorable, '').normalize('NFC').toLowerCase().normalize('NFC');
}

function unsafeFaults(text: string): Fault[] {
	const faults: Fault[] = [];
	if (isDotGit(text)) {
		faults.push({ code: 'dot-git-entry', level: 'block', detail: 'a name that a file system can take for .git' });
	}
	if (text === '') {
		faults.push(unsafe('an entry without a name'));
	} else if (text.includes('/')) {
		faults.push(unsafe('a name with a slash in it'));
	} else if (text.split('\\').some((part) => part === '..' || part === '.')) {
		faults.push(unsafe('a name that leads out of its folder'));
	}
	return faults;
}

function windowsFaults(text: string | null): Fault[] {
	if (text === null) {
		return [onWindows('a name that is not UTF-8')];
	}
	if (device.test(text)) {
		return [onWindows(deviceName)];
	}
	if (notOnWindows.test(text)) {
		return [onWindows('a character that Windows has no room for in a name')];
	}
	const isTrimmed = /[. ]$/.test(text) && text !== '.' && text !== '..';
	return isTrimmed ? [onWindows('a dot or a space at the end, which Windows drops')] : [];
}

function unsafe(detail: string): Fault {
	return { code: 'unsafe-path', level: 'block', detail };
}

function onWindows(detail: string): Fault {
	return { code: 'windows-name', level: 'warn', detail };
}

/**
 * What is wrong with the target of a symbolic link in a folder `depth` names below the root (null: unknown), or null.
 * The target's bytes are given one character each. Links on the way are not followed.
 */
export function judgeLink(target: string, depth: number | null): string | null {
	const text = nameText(target) ?? target;
	if (/^(?:[\\/]|[a-z]:)/i.test(text)) {
		return 'the link leads to an absolute path';
	}
	let level = depth ?? 0;
	for (const part of text.split(/[\\/]/)) {
		if (part === '..') {
			level -= 1;
		} else if (part !== '' && part !== '.') {
			level += 1;
		}
		if (level < 0) {
			return 'the link leads out of the tree';
		}
	}
	return isDotGit(text) ? 'the link leads into .git' : null;
}
