import type { StoredFile } from './files.js';
import { expireAndGc } from './homeSteps.js';
import type { HomeState, Move } from './homeState.js';
import { indexEntries } from './homeState.js';
import { isIgnored } from './paths.js';
import { readRefs } from './plainRepository.js';
import { Violation } from './violation.js';
import { git, must, type Place, type World } from './world.js';
import { sessionRefName } from '../../../src/core/model/session.js';
import { join } from 'node:path';

const operationsRef = 'refs/homeport/operations';

export function ledgerOf(world: World, place: Place): string | null {
	return readRefs(join(world.home, '.git')).get(`refs/homeport/ledger/${sessionRefName(place.id)}`) ?? null;
}

/** Everything that was ever observed in a session hangs on its ledger, and everything that hangs there is there. */
export function requireReachable(world: World): void {
	const refs = readRefs(join(world.home, '.git'));
	for (const place of Object.values(world.places)) {
		if (place.observed.size > 0) {
			requireHeld(world, `of ${place.name}`, place.observed, ledgerOf(world, place));
		}
	}
	if (world.userSeen.size > 0) {
		requireHeld(world, 'of the user before an operation', world.userSeen, refs.get(operationsRef) ?? null);
	}
	const walked = git(world, world.home, ['rev-list', '--objects', '--quiet', '--all']);
	if (walked.code !== 0) {
		throw new Violation('what home names is not all there', [walked.err]);
	}
}

function requireHeld(world: World, whose: string, seen: ReadonlyMap<string, string>, by: string | null): void {
	const input = [...seen.keys(), ...(by === null ? [] : [`^${by}`])].join('\n');
	const walked = git(world, world.home, ['rev-list', '--objects', '--stdin'], `${input}\n`);
	const loose = new Set(walked.out.split('\n').map((line) => line.slice(0, 40)));
	const lost = [...seen].filter(([oid]) => loose.has(oid)).map(([oid, as]) => `${oid} (${as})`);
	if (walked.code !== 0 || walked.out !== '') {
		const gone = [...seen].filter(([oid]) => walked.err.includes(oid)).map(([oid, as]) => `${oid} (${as}) is gone`);
		throw new Violation(`something ${whose} is not kept`, [...lost, ...gone, walked.err.trim()]);
	}
}

/** The harshest thing that a user may do: no branch, no reflog and no tag is left, and git collects its garbage. */
export function requireSurvivesCollection(world: World): void {
	git(world, world.home, ['worktree', 'prune']);
	const refs = [...readRefs(join(world.home, '.git')).keys()].filter((ref) => !ref.startsWith('refs/homeport/'));
	git(world, world.home, ['update-ref', '--stdin'], refs.map((ref) => `delete ${ref}\n`).join(''));
	expireAndGc(world);
	requireReachable(world);
	const checked = git(world, world.home, ['-c', 'core.commitGraph=false', 'fsck', '--no-dangling', '--no-progress']);
	const errors = checked.err.split('\n').filter((line) => /^(?:error|fatal|missing|broken)/.test(line));
	if (checked.code !== 0 && errors.some((line) => !/invalid (?:HEAD|sha1 pointer)|HEAD points to/.test(line))) {
		throw new Violation('home is damaged', errors);
	}
}

/** What the log must hold of home as it was before an operation: every ref, and every file that is in no commit. */
export function requireLogged(world: World, before: HomeState, id: string): void {
	const [main] = before.trees;
	const text = must(git(world, world.home, ['cat-file', 'blob', `${operationsRef}:operation.json`]));
	const wrong = text.includes(`"id": "${id}"`) ? [] : [`the newest entry is not about ${id}: ${text}`];
	const stored = treeOf(world, operationsRef, 'before-here-files/');
	const index = indexEntries(world, main!.dir, main!.index);
	for (const [path, file] of main!.files) {
		const same = index.get(path) === `${file.mode} ${file.oid} 0`;
		const kept = stored.get(path);
		if (
			!same &&
			!(isIgnored(path, main!.files) && !index.has(path)) &&
			(kept?.oid !== file.oid || kept.mode !== file.mode)
		) {
			wrong.push(`${JSON.stringify(path)}: ${JSON.stringify(file)}, logged ${JSON.stringify(kept)}`);
		}
	}
	if (wrong.length > 0) {
		throw new Violation('the operation log does not hold the files of home', wrong);
	}
	for (const [ref, oid] of before.refs) {
		if (ref.startsWith('refs/heads/')) {
			world.userSeen.set(oid, ref);
		}
	}
}

function treeOf(world: World, name: string, folder: string): Map<string, StoredFile> {
	const listed = must(git(world, world.home, ['ls-tree', '-r', '-z', name, folder])).split('\0');
	return new Map(
		listed
			.filter((line) => line !== '')
			.map((line) => {
				const tab = line.indexOf('\t');
				const [mode = '', , oid = ''] = line.slice(0, tab).split(' ');
				return [line.slice(tab + 1 + folder.length), { mode, oid }];
			}),
	);
}

/** A ref that loses commits did so with the user's yes, and with a strategy that may do it. */
export function requireConsent(
	world: World,
	moves: readonly Move[],
	strategy: string,
	accepted: readonly string[],
): void {
	for (const { ref, from, to } of moves) {
		const loses =
			from !== null && (to === null || git(world, world.home, ['merge-base', '--is-ancestor', from, to]).code !== 0);
		if (loses && (strategy !== 'overwrite' || !accepted.includes('overwrites-commits'))) {
			throw new Violation(`${ref} lost commits without a yes`, [
				`strategy ${strategy}`,
				`accepted ${String(accepted)}`,
			]);
		}
	}
}

/** After an applied sync by `branch`, each branch of the session is on some branch of home. */
export function requireOnBranches(world: World, place: Place): void {
	const tips = [...readRefs(place.commonDir)].filter(([ref]) => ref.startsWith('refs/heads/')).map(([, oid]) => oid);
	const input = `${tips.join('\n')}\n`;
	const walked = git(world, world.home, ['rev-list', '--stdin', '--not', '--branches'], input);
	if (tips.length > 0 && (walked.code !== 0 || walked.out !== '')) {
		throw new Violation(`after a sync, not all of ${place.name} is on a branch of home`, [walked.out, walked.err]);
	}
}
