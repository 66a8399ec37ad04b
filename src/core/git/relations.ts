import { shownText } from '../base/text.js';
import type { Oid } from '../model/observation.js';
import type { Relation } from '../model/relation.js';
import type { Git } from './run.js';

const mostNamed = 10;

/** How a home branch stands to a session's commit; both must be there. */
export async function relationOf(git: Git, home: Oid, session: Oid): Promise<Relation> {
	if (home === session) {
		return { kind: 'equal', ahead: 0, behind: 0, unpushed: 0, onlyHome: [] };
	}
	const counts = await git.text(['rev-list', '--left-right', '--count', `${home}...${session}`]);
	const [ahead = 0, behind = 0] = counts.split('\t').map(Number);
	if (ahead === 0) {
		return { kind: 'behind', ahead, behind, unpushed: 0, onlyHome: [] };
	}
	const unpushed = Number(await git.text(['rev-list', '--count', home, `^${session}`, '--not', '--remotes']));
	const named = await git.text(['log', `--max-count=${mostNamed}`, '--format=%h %s', home, `^${session}`]);
	const onlyHome = named.split('\n').map((line) => shownText(line, 120));
	if (behind === 0) {
		return { kind: 'ahead', ahead, behind, unpushed, onlyHome };
	}
	const base = await git.run(['merge-base', home, session], { allow: [1] });
	return { kind: base.exitCode === 0 ? 'diverged' : 'unrelated', ahead, behind, unpushed, onlyHome };
}

/** For each commit, how many commits it brings that no branch of home reaches. One walk for all of them. */
export async function freshCounts(git: Git, tips: readonly Oid[]): Promise<Map<Oid, number>> {
	const counts = new Map<Oid, number>();
	if (tips.length === 0) {
		return counts;
	}
	const walked = await git.text(['rev-list', '--parents', '--stdin', '--not', '--branches'], {
		input: `${tips.join('\n')}\n`,
	});
	const parents = new Map<Oid, readonly Oid[]>();
	for (const line of walked.split('\n')) {
		const [oid, ...rest] = line.split(' ');
		if (oid !== undefined && oid !== '') {
			parents.set(oid, rest);
		}
	}
	for (const tip of tips) {
		counts.set(tip, reachableAmong(parents, tip));
	}
	return counts;
}

function reachableAmong(parents: ReadonlyMap<Oid, readonly Oid[]>, tip: Oid): number {
	const seen = new Set<Oid>();
	const waiting = [tip];
	for (let oid = waiting.pop(); oid !== undefined; oid = waiting.pop()) {
		const next = parents.get(oid);
		if (next !== undefined && !seen.has(oid)) {
			seen.add(oid);
			waiting.push(...next);
		}
	}
	return seen.size;
}

/** True when `ancestor` is reached from `descendant`; false also where either is not there. */
export async function isAncestor(git: Git, ancestor: Oid, descendant: Oid): Promise<boolean> {
	const answer = await git.run(['merge-base', '--is-ancestor', ancestor, descendant], { allow: [1, 128] });
	return answer.exitCode === 0;
}
