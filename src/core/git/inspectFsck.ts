import { shownText } from '../base/text.js';
import type { Finding, FindingCode, FindingLevel } from '../model/finding.js';

const most = 20;

// Ids of git-fsck(1), "FSCK MESSAGES", that have a code of their own here.
const codes: Readonly<Record<string, FindingCode>> = {
	hasDotgit: 'dot-git-entry',
	hasDot: 'unsafe-path',
	hasDotdot: 'unsafe-path',
	emptyName: 'unsafe-path',
	fullPathname: 'unsafe-path',
	gitmodulesSymlink: 'gitmodules-symlink',
	gitmodulesName: 'gitmodules-unsafe',
	gitmodulesUrl: 'gitmodules-unsafe',
	gitmodulesPath: 'gitmodules-unsafe',
	gitmodulesUpdate: 'gitmodules-unsafe',
	gitmodulesBlob: 'gitmodules-unsafe',
	gitmodulesLarge: 'gitmodules-unsafe',
	gitmodulesMissing: 'gitmodules-unsafe',
	gitmodulesParse: 'gitmodules-unsafe',
};

/**
 * What git's own fsck said against the objects of a fetch, out of the words of `fetch`, `index-pack` or `fsck`; also
 * where the line ends were made safe to show before. Errors block, git's warnings warn. Where the text names no object,
 * one finding says what git said last; so the answer is never empty.
 */
export function fsckFindings(stderr: string): Finding[] {
	const findings = new Map<string, Finding>();
	let last = '';
	for (const raw of stderr.split(/[\r\n\ufffd]+/)) {
		const line = raw.trim();
		// What the other side says of itself comes with this prefix and proves nothing.
		if (line === '' || line.startsWith('remote:')) {
			continue;
		}
		last = line;
		const finding = objectLine(line);
		if (finding !== null) {
			findings.set(`${finding.code} ${finding.path} ${finding.detail}`, finding);
		}
	}
	const all = [...findings.values()];
	if (!all.some((finding) => finding.level === 'block')) {
		all.push({ code: 'fsck', level: 'block', path: '', detail: shownText(last || 'git gave no reason', 200) });
	}
	if (all.length > most) {
		return [...all.slice(0, most), { code: 'fsck', level: 'block', path: '', detail: `and ${all.length - most} more` }];
	}
	return all;
}

function objectLine(line: string): Finding | null {
	const match =
		/^(error|warning):? (?:object|in \w+) ([0-9a-f]{40,64}): (?:([A-Za-z0-9]+): )?(.*)$/.exec(line) ??
		/^(fatal|error): ?(?:.*?)([0-9a-f]{40,64})()(.*)$/.exec(line);
	if (match === null) {
		return null;
	}
	const [, kind, oid, id, words] = match as unknown as [string, string, string, string | undefined, string];
	const level: FindingLevel = kind === 'warning' ? 'warn' : 'block';
	const detail = id ? `${id}: ${words}` : id === undefined ? words : line;
	return { code: codes[id ?? ''] ?? 'fsck', level, path: oid, detail: shownText(detail, 200) };
}
