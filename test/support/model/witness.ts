import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { skipsOwn } from './edits.js';
import { blobOid, differences, listing, type ModelPath, type StoredFile, storedFiles, treeOid } from './files.js';
import { indexEntries } from './homeState.js';
import { isIgnored, looksLikeCredentials } from './paths.js';
import { headOid, readAllLogs, readHead, readRefs, readStashes } from './plainRepository.js';
import { Violation } from './violation.js';
import { git, must, type Place, utf8Bytes, utf8Text, type World } from './world.js';

/** The part of a ledger entry that the model reads, with a plain git. */
interface WrittenEntry {
	readonly time: string;
	readonly head: { readonly branch: string | null; readonly oid: string | null };
	readonly branches: readonly { readonly name: string; readonly oid: string }[];
	readonly detached: readonly { readonly name: string; readonly oid: string }[];
	readonly stashes: readonly { readonly name: string; readonly oid: string }[];
	readonly reflog: readonly string[];
	readonly capture: { readonly oid: string; readonly quiet: boolean } | null;
	readonly missing: readonly { readonly name: string; readonly reason: string }[];
}

/** What an entry of a ledger says, read with a plain git. */
export function writtenEntry(world: World, ledger: string): WrittenEntry {
	return JSON.parse(utf8Text(inHome(world, ['cat-file', 'blob', `${ledger}:entry.json`]))) as WrittenEntry;
}

/** Everything of a session that could be seen to change: its git folder and its files, to the byte. */
export function sessionListing(place: Place): Map<string, string> {
	const found = new Map<string, string>();
	// The rest of a linked worktree's git folder is home's own.
	const git = place.kind === 'home-worktree' ? place.gitDir : place.commonDir;
	listing(git).forEach((value, path) => found.set(`git ${path}`, value));
	if (place.kind !== 'bare') {
		const inside = (path: string): boolean => path === '.git' && git === join(place.dir, '.git');
		listing(place.dir, inside).forEach((value, path) => found.set(`file ${path}`, value));
	}
	return found;
}

/** Fails when a session is not, to the byte, what it was. */
export function requireUntouched(place: Place, what: string, before: ReadonlyMap<string, string>): void {
	const wrong = differences(before, sessionListing(place));
	if (wrong.length > 0) {
		throw new Violation(`${what} changed the session ${place.name}`, wrong);
	}
}

/** A short text that is the same exactly when the session is the same. */
export function stateOf(place: Place): string {
	return blobOid(Buffer.from(JSON.stringify([...sessionListing(place)])));
}

/** Compares the newest ledger entry with what is in the session, and remembers all that was seen. */
export function witness(world: World, place: Place, ledger: string): void {
	const entry = writtenEntry(world, ledger);
	const wrong: string[] = [];
	const see = (oid: string, as: string): unknown => place.observed.set(oid, `${place.name} ${as}`);
	const head = readHead(place.gitDir);
	const tip = headOid(place.gitDir, place.commonDir);
	if (entry.head.oid !== tip) {
		wrong.push(`HEAD is at ${tip}, the ledger says ${entry.head.oid}`);
	}
	if (tip !== null) {
		see(tip, 'HEAD');
	}
	if (place.kind !== 'home-worktree') {
		const refs = readRefs(place.commonDir);
		const branches = new Map([...refs].filter(([ref]) => ref.startsWith('refs/heads/')));
		const told = entry.branches.map(({ name, oid }) => [utf8Bytes(`refs/heads/${name}`), oid] as const);
		wrong.push(...differences(branches, new Map(told)).map((line) => `branch ${line}`));
		branches.forEach((oid, ref) => see(oid, ref));
		const stashes = readStashes(place.commonDir);
		stashes.forEach((oid) => see(oid, 'stash'));
		if (String(stashes) !== String(entry.stashes.map(({ oid }) => oid))) {
			wrong.push(`the stashes are ${String(stashes)}, the ledger says ${JSON.stringify(entry.stashes)}`);
		}
		if (tip !== null && tip === head && !entry.detached.some(({ oid }) => oid === tip)) {
			wrong.push(`HEAD is detached at ${tip}, the ledger says ${JSON.stringify(entry.detached)}`);
		}
		for (const oid of unnamed(world, place, refs)) {
			see(oid, 'reflog, tag or operation');
		}
	}
	for (const oid of [...entry.reflog, ...entry.detached.map((one) => one.oid)]) {
		see(oid, 'ledger');
	}
	wrong.push(...(place.kind === 'bare' ? [] : captureProblems(world, place, entry, tip)));
	if (entry.capture !== null) {
		see(entry.capture.oid, 'capture');
	}
	if (wrong.length > 0) {
		throw new Violation(`the ledger of ${place.name} does not tell what is there`, wrong);
	}
}

// Commits that logs, tags and operations in progress name, where the session still has them.
function unnamed(world: World, place: Place, refs: ReadonlyMap<string, string>): string[] {
	const oids = readAllLogs(place.gitDir, place.commonDir);
	for (const [ref, oid] of refs) {
		if (ref.startsWith('refs/tags/')) {
			oids.add(oid);
		}
	}
	for (const name of ['ORIG_HEAD', 'MERGE_HEAD', 'CHERRY_PICK_HEAD', 'REBASE_HEAD']) {
		const path = join(place.gitDir, name);
		const text = existsSync(path) ? readFileSync(path, 'latin1').trim() : '';
		if (/^[0-9a-f]{40}$/.test(text)) {
			oids.add(text);
		}
	}
	const asked = git(world, place.dir, ['cat-file', '--batch-check=%(objectname) %(objecttype)'], [...oids].join('\n'));
	return asked.out.split('\n').flatMap((line) => (line.endsWith(' commit') ? [line.slice(0, 40)] : []));
}

function captureProblems(world: World, place: Place, entry: WrittenEntry, tip: string | null): string[] {
	const wrong: string[] = [];
	const indexPath = join(place.gitDir, 'index');
	const bytes = existsSync(indexPath) ? readFileSync(indexPath) : Buffer.alloc(0);
	const staged = indexEntries(world, place.dir, bytes);
	const committed = tip === null ? new Map<string, StoredFile>() : treeFiles(world, place.dir, tip);
	const files = storedFiles(place.dir, skipsOwn);
	const expected = new Map<ModelPath, StoredFile>();
	for (const [path, file] of files) {
		const known = committed.has(path);
		const left = !known && looksLikeCredentials(path);
		if (known || (!isIgnored(path, files) && !left)) {
			expected.set(path, file);
		}
		if (left && !entry.missing.some(({ name }) => utf8Bytes(name) === path)) {
			wrong.push(`${path} is left out, and not listed as missing`);
		}
	}
	const captured = entry.capture === null ? tip : entry.capture.oid;
	const got = captured === null ? new Map<string, StoredFile>() : treeFiles(world, world.home, captured);
	if (entry.capture?.quiet === false) {
		wrong.push('the capture is said to be not quiet, and nothing moved');
	}
	wrong.push(...differences(expected, got).map((line) => `file ${line}`));
	const tree = captured === null ? treeOid(new Map()) : revParse(world, `${captured}^{tree}`);
	if (wrong.length === 0 && tree !== treeOid(expected)) {
		wrong.push(`the tree is ${tree}, computed here it is ${treeOid(expected)}`);
	}
	return [...wrong, ...indexProblems(world, entry, tip, staged, bytes, committed)];
}

function indexProblems(
	world: World,
	entry: WrittenEntry,
	tip: string | null,
	staged: ReadonlyMap<ModelPath, string>,
	bytes: Buffer,
	committed: ReadonlyMap<ModelPath, StoredFile>,
): string[] {
	const entries = [...staged].map(([path, line]) => [path, line.split(' ') as [string, string, string]] as const);
	const merging = entries.some(([, [, , stage]]) => stage !== '0');
	const parents = entry.capture === null ? [] : revParse(world, `${entry.capture.oid}^@`).split('\n');
	if (merging) {
		const kept = parents.filter(
			(oid) => git(world, world.home, ['rev-parse', '-q', '--verify', `${oid}:index`]).out.trim() === blobOid(bytes),
		);
		const stages = entries.map(([, [, oid]]) => oid);
		const missing = git(world, world.home, ['cat-file', '--batch-check'], stages.join('\n')).out.split('\n');
		return [
			...(kept.length === 0 ? ['the bytes of the index in a merge are not kept'] : []),
			...missing.filter((line) => line.endsWith(' missing')).map((line) => `of the index in a merge: ${line}`),
		];
	}
	// An entry that only announces a file is no content of a tree.
	const empty = blobOid(Buffer.alloc(0));
	const announced = entries.some(([, [, oid]]) => oid === empty);
	const left = (path: string): boolean => looksLikeCredentials(path) && !committed.has(path);
	const real = entries.filter(([path, [, oid]]) => !left(path) && !(announced && oid === empty));
	const tree = treeOid(new Map(real.map(([path, [mode, oid]]) => [path, { mode, oid }])));
	const trees = [tip, ...parents]
		.filter((oid) => oid !== null && oid !== '')
		.map((oid) => revParse(world, `${oid}^{tree}`));
	if (announced || trees.includes(tree) || (tip === null && real.length === 0)) {
		return [];
	}
	return [`the index as a tree is ${tree}, and among HEAD and the capture's parents are only ${trees.join(', ')}`];
}

function revParse(world: World, name: string): string {
	return inHome(world, ['rev-parse', name]).trimEnd();
}

// What the ledger names must be there to be read.
function inHome(world: World, args: readonly string[]): string {
	const ran = git(world, world.home, args);
	if (ran.code !== 0) {
		throw new Violation('what the ledger names cannot be read at home', [args.join(' '), ran.err]);
	}
	return ran.out;
}

function treeFiles(world: World, dir: string, commit: string): Map<ModelPath, StoredFile> {
	const args = ['ls-tree', '-r', '-z', commit];
	const listed = (dir === world.home ? inHome(world, args) : must(git(world, dir, args))).split('\0');
	return new Map(
		listed
			.filter((line) => line !== '')
			.map((line) => {
				const tab = line.indexOf('\t');
				const [mode = '', , oid = ''] = line.slice(0, tab).split(' ');
				return [line.slice(tab + 1), { mode, oid }];
			}),
	);
}
