import { HomeportError } from '../../base/errors.js';
import type {
	Capture,
	ChangedFile,
	FileChange,
	InProgress,
	Missing,
	MissingReason,
	Observation,
	Oid,
	Tip,
} from '../../model/observation.js';
import { type Field, fieldOf } from './fields.js';

/** One look at a session: what it has, and where a fetch finds it. */
export interface Look {
	readonly observation: Observation;
	/** The repository's git folder, and the folder of this run that holds the capture's objects, if there is one. */
	readonly gitDir: string;
	readonly run: string | null;
	/** git's name of the hash that the session's object ids are made with. */
	readonly objectFormat: string;
	/** Commits that the session says it has; those that home has too are safe to name in a negotiation. */
	readonly known: readonly Oid[];
	/** By branch tip, the commits that are in none of `counted`: how many, and the oldest's time in seconds since 1970. */
	readonly fresh: ReadonlyMap<Oid, { readonly commits: number; readonly oldest: number }>;
}

export interface LookOptions {
	readonly workspace: string;
	readonly storage: string;
	readonly maxRefs: number;
}

const oidPattern = /^(?:[0-9a-f]{40}|[0-9a-f]{64})$/;
const operations: readonly string[] = ['merge', 'rebase', 'cherry-pick', 'revert', 'bisect', 'am'];

/** Reads what `observe.sh` printed. Everything in it is the session's word, and only well-formed ids are taken. */
export function readLook(sections: ReadonlyMap<string, Field[]>, options: LookOptions): Look {
	const repository = sections.get('repository');
	const refs = sections.get('refs');
	const [headOid = '', headRef = ''] = fieldOf(refs, 'head').split(' ');
	const head = { branch: branchName(headRef), oid: oidOrNull(headOid) };
	const listed = fieldOf(refs, 'branches');
	requireFewRefs(listed, options.maxRefs);
	const peeled = fieldOf(refs, 'peeled').split('\n');
	const { branches, broken } = parseBranches(listed, fieldOf(refs, 'peeled') === '' ? null : peeled);
	const stashes = parseOids(fieldOf(refs, 'stashes')).map((oid, index) => ({ name: `stash@{${index}}`, oid }));
	const worktrees = parseWorktrees(fieldOf(refs, 'worktrees'));
	const detached: Tip[] = worktrees.filter((tree) => tree.detached).map((tree) => ({ name: tree.path, oid: tree.oid }));
	if (head.branch === null && head.oid !== null && !detached.some((tip) => tip.oid === head.oid)) {
		detached.push({ name: 'HEAD', oid: head.oid });
	}
	const named = new Set([...branches, ...detached, ...stashes].map((tip) => tip.oid));
	const capture = readCapture(sections);
	const progress = fieldOf(repository, 'progress');
	const observation: Observation = {
		epoch: `${options.storage}/${fieldOf(repository, 'identity')}`,
		head,
		branches,
		detached,
		stashes,
		reflog: tipsOf(fieldOf(refs, 'others')).filter((oid) => !named.has(oid)),
		inProgress: operations.includes(progress) ? (progress as InProgress) : null,
		bare: fieldOf(repository, 'bare') === 'true',
		shallow: fieldOf(repository, 'shallow') === 'true',
		partial: fieldOf(repository, 'partial') === 'true',
		sparse: fieldOf(repository, 'sparse') === 'true',
		lfs: Number(fieldOf(sections.get('filtered'), 'lfs') || '0') > 0,
		submodules: pathsOf(sections.get('submodules')),
		files: readFiles(sections),
		capture,
		missing: readMissing(sections, worktrees, options.workspace, broken),
		gitVersion: fieldOf(repository, 'git'),
	};
	const run = fieldOf(sections.get('capture'), 'run');
	return {
		observation,
		gitDir: fieldOf(repository, 'gitdir'),
		run: run === '' ? null : run,
		objectFormat: fieldOf(repository, 'format'),
		known: [...new Set([...parseRemoteOids(listed), ...parseOids(fieldOf(refs, 'history'))])],
		fresh: parseCounts(refs ?? []),
	};
}

function readCapture(sections: ReadonlyMap<string, Field[]>): Capture | null {
	const oid = oidOrNull(fieldOf(sections.get('capture'), 'oid'));
	return oid === null ? null : { oid, quiet: fieldOf(sections.get('capture'), 'quiet') === 'true' };
}

function readFiles(sections: ReadonlyMap<string, Field[]>): ChangedFile[] {
	const staged = new Set((sections.get('staged') ?? []).map((field) => field.rest));
	const unmerged = new Set((sections.get('unmerged') ?? []).map((field) => field.rest));
	const looked = new Map<string, { tag: string; size: number | null }>();
	for (const field of sections.get('files') ?? []) {
		const [tag, size, path] = splitFirst(field.rest);
		looked.set(path, { tag, size: sizeOrNull(size) });
	}
	const files = new Map<string, ChangedFile>();
	for (const field of sections.get('changed') ?? []) {
		const [, status, path] = splitFirst(field.rest);
		const seen = looked.get(path);
		let change: FileChange = 'modified';
		if (status === 'D') {
			change = 'deleted';
		} else if (status === 'A' && !staged.has(path)) {
			change = seen?.tag === 'I' ? 'ignored' : 'untracked';
		}
		files.set(path, { path, change, size: seen?.size ?? null });
	}
	for (const [path, seen] of looked) {
		if (!files.has(path) && leftReasons.has(seen.tag)) {
			files.set(path, { path, change: 'untracked', size: seen.size });
		}
	}
	for (const path of unmerged) {
		files.set(path, { path, change: 'unmerged', size: files.get(path)?.size ?? null });
	}
	return [...files.values()].sort((a, b) => (a.path < b.path ? -1 : 1));
}

const leftReasons: ReadonlyMap<string, MissingReason> = new Map([
	['unreadable', 'unreadable'],
	['looks-like-credentials', 'looks-like-credentials'],
	['too-large', 'too-large'],
	['nested-repository', 'nested-repository'],
	['special-file', 'special-file'],
]);

function readMissing(
	sections: ReadonlyMap<string, Field[]>,
	worktrees: readonly Worktree[],
	workspace: string,
	broken: readonly string[],
): Missing[] {
	const missing: Missing[] = [];
	for (const field of sections.get('files') ?? []) {
		const [tag, size, path] = splitFirst(field.rest);
		const reason = leftReasons.get(tag);
		if (field.word === 'left' && reason !== undefined) {
			missing.push({ name: path, reason, size: sizeOrNull(size) });
		}
	}
	for (const name of broken) {
		missing.push({ name, reason: 'object-missing', size: null });
	}
	const capture = sections.get('capture');
	if (fieldOf(capture, 'failed') !== '') {
		missing.push({ name: fieldOf(capture, 'failed'), reason: 'capture-failed', size: null });
	}
	if (fieldOf(capture, 'index') === 'damaged') {
		missing.push({ name: 'index', reason: 'unreadable', size: null });
	}
	const repository = sections.get('repository');
	if (fieldOf(repository, 'shallow') === 'true') {
		missing.push({ name: 'older commits', reason: 'shallow-history', size: null });
	}
	if (fieldOf(repository, 'partial') === 'true') {
		missing.push({ name: 'objects of its origin', reason: 'partial-clone', size: null });
	}
	const lfs = Number(fieldOf(sections.get('filtered'), 'lfs') || '0');
	if (lfs > 0) {
		missing.push({ name: `${lfs} LFS files`, reason: 'lfs-content', size: null });
	}
	for (const path of pathsOf(sections.get('submodules'))) {
		missing.push({ name: path, reason: 'nested-repository', size: null });
	}
	for (const tree of worktrees) {
		if (tree.path !== workspace && !tree.bare) {
			missing.push({ name: tree.path, reason: 'worktree-elsewhere', size: null });
		}
	}
	return missing.sort((a, b) => (a.name < b.name ? -1 : 1));
}

function pathsOf(fields: readonly Field[] | undefined): string[] {
	return (fields ?? []).map((field) => field.rest);
}

interface Worktree {
	readonly path: string;
	readonly oid: Oid;
	readonly detached: boolean;
	readonly bare: boolean;
}

function parseWorktrees(text: string): Worktree[] {
	const worktrees: Worktree[] = [];
	for (const block of text.split('\n\n')) {
		const lines = block.split('\n');
		const path = lines.find((line) => line.startsWith('worktree '))?.slice('worktree '.length);
		const oid = lines.find((line) => line.startsWith('HEAD '))?.slice('HEAD '.length) ?? '';
		if (path !== undefined) {
			const known = oidPattern.test(oid) && !/^0+$/.test(oid);
			worktrees.push({ path, oid, detached: known && lines.includes('detached'), bare: lines.includes('bare') });
		}
	}
	return worktrees;
}

// The commits of `oid parents…` lines that are no parent of another.
function tipsOf(text: string): Oid[] {
	const commits = new Set<Oid>();
	const parents = new Set<Oid>();
	for (const line of text.split('\n')) {
		const [oid, ...rest] = line.split(' ');
		if (oid !== undefined && oidPattern.test(oid)) {
			commits.add(oid);
			rest.forEach((parent) => parents.add(parent));
		}
	}
	return [...commits].filter((oid) => !parents.has(oid));
}

// A branch may name something that is no commit, or an object that is not there; git itself says so of a broken file.
function parseBranches(listed: string, peeled: readonly string[] | null): { branches: Tip[]; broken: string[] } {
	const branches: Tip[] = [];
	const broken: string[] = [];
	for (const [index, line] of listed.split('\n').entries()) {
		const space = line.indexOf(' ');
		const name = branchName(line.slice(space + 1));
		const oid = peeled === null ? line.slice(0, space) : (peeled[index] ?? '');
		const warned = /^warning: ignoring (?:broken|dangling symref|ref with broken name) .*?(refs\/heads\/.+)$/.exec(
			line,
		)?.[1];
		if (warned !== undefined) {
			broken.push(warned);
		} else if (name !== null && oidPattern.test(oid)) {
			branches.push({ name, oid });
		} else if (name !== null && oidPattern.test(line.slice(0, space))) {
			broken.push(`refs/heads/${name}`);
		}
	}
	return { branches: branches.sort((a, b) => (a.name < b.name ? -1 : 1)), broken };
}

function parseCounts(fields: readonly Field[]): Look['fresh'] {
	const counts = new Map<Oid, { commits: number; oldest: number }>();
	for (const field of fields) {
		const [oid = '', commits = '', oldest = ''] = field.rest.split(' ');
		if (field.word === 'count' && oidPattern.test(oid)) {
			counts.set(oid, { commits: Number(commits) || 0, oldest: Number(oldest) || 0 });
		}
	}
	return counts;
}

function requireFewRefs(listed: string, limit: number): void {
	const refs = listed === '' ? 0 : listed.split('\n').length;
	if (refs > limit) {
		throw new HomeportError('limit-exceeded', { what: 'The refs of the session', limit });
	}
}

// What remotes and tags of the session name: likely there at home as well.
function parseRemoteOids(listed: string): Oid[] {
	const lines = listed.split('\n').filter((line) => / refs\/(?:remotes|tags)\//.test(line));
	return parseOids(
		lines
			.slice(0, 2000)
			.map((line) => line.slice(0, line.indexOf(' ')))
			.join('\n'),
	);
}

function parseOids(text: string): Oid[] {
	return text.split('\n').filter((line) => oidPattern.test(line));
}

function branchName(ref: string): string | null {
	return ref.startsWith('refs/heads/') ? ref.slice('refs/heads/'.length) : null;
}

function oidOrNull(text: string): Oid | null {
	return oidPattern.test(text) ? text : null;
}

function sizeOrNull(text: string): number | null {
	const size = Number(text);
	return Number.isSafeInteger(size) && size >= 0 ? size : null;
}

// Two words, and the rest as it is.
function splitFirst(text: string): [string, string, string] {
	const first = text.indexOf(' ');
	const second = text.indexOf(' ', first + 1);
	return [text.slice(0, first), text.slice(first + 1, second), text.slice(second + 1)];
}
