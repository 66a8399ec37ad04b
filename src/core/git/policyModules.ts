import { isDotGit } from './policyPath.js';

// oxlint-disable-next-line no-control-regex
const controlCharacter = /[\u0000-\u001f\u007f]/;

/**
 * What is dangerous in a `.gitmodules`, given as the keys and values that git reads from it. Key: `submodule.<name>.url`
 * and the like. The rules are those of git's own fsck (CVE-2018-11235, -17456, CVE-2019-1387, CVE-2020-5260) and those
 * that it lacks: helper transports and control characters (CVE-2025-48384).
 */
export function moduleFaults(entries: readonly (readonly [key: string, value: string])[]): string[] {
	const faults = new Set<string>();
	for (const [key, value] of entries) {
		const match = /^submodule\.([^]*)\.([^.]*)$/.exec(key);
		if (match === null) {
			continue;
		}
		const [, name, variable] = match as unknown as [string, string, string];
		for (const fault of [nameFault(name), valueFault(variable, value)]) {
			if (fault !== null) {
				faults.add(fault);
			}
		}
	}
	return [...faults];
}

/** What the bytes of a `.gitmodules` show by themselves, however they are parsed: characters that hide something. */
export function moduleByteFaults(bytes: Buffer): string[] {
	// oxlint-disable-next-line no-control-regex
	const hidden = /\r(?!\n)|[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f]/.test(bytes.toString('latin1'));
	return hidden ? ['a control character'] : [];
}

function nameFault(name: string): string | null {
	if (name === '' || name.split(/[\\/]/).includes('..')) {
		return 'a submodule name that leads out of its folder';
	}
	return controlCharacter.test(name) ? 'a control character' : null;
}

function valueFault(variable: string, value: string): string | null {
	if (controlCharacter.test(value)) {
		return 'a control character';
	}
	if (['url', 'path', 'branch'].includes(variable) && value.startsWith('-')) {
		return `a submodule ${variable} that git would take for an option`;
	}
	switch (variable) {
		case 'update':
			return value.startsWith('!') ? 'a submodule that runs a command on update' : null;
		case 'url':
			return urlFault(value);
		case 'path':
			return pathFault(value);
		default:
			return null;
	}
}

function urlFault(url: string): string | null {
	if (/^[a-z0-9][a-z0-9+.-]*::/i.test(url)) {
		return 'a submodule url that runs a program';
	}
	if (/^[a-z0-9+.-]+:\/\/(?:[^/@]*@)?-/i.test(url) || /^[^/:@]*@-/.test(url)) {
		return 'a submodule url with a host that ssh would take for an option';
	}
	if (/^(?:\.\.?[\\/])+[:/\\]/.test(url)) {
		return 'a relative submodule url that loses its host';
	}
	return controlCharacter.test(percentDecoded(url)) ? 'a control character' : null;
}

function pathFault(path: string): string | null {
	if (/^(?:[\\/]|[a-z]:)/i.test(path) || path.split(/[\\/]/).includes('..')) {
		return 'a submodule path that leads out of the tree';
	}
	return isDotGit(path) ? 'a submodule path in .git' : null;
}

function percentDecoded(url: string): string {
	return url.replace(/%([0-9a-f]{2})/gi, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
}
