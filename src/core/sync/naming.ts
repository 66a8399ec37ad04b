import { byteLength, isBranchName, readsAsCommit, readsAsOther } from '../model/branchName.js';
import type { PlanFacts, SessionBranch, SyncRequest } from '../model/plan.js';

/** Where local branches live. */
export const headsPrefix = 'refs/heads/';

// One file name per part of a ref, `.lock` included, is 255 bytes at most; room is left for the number of a name beside.
const maxNameBytes = 190;

type NameFacts = Pick<PlanFacts, 'config'> & {
	readonly session: Pick<PlanFacts['session'], 'agent' | 'name' | 'worktreeOfHome'> & {
		readonly branches: readonly Pick<SessionBranch, 'name' | 'isHead'>[];
	};
	readonly home: Pick<PlanFacts['home'], 'ignoreCase'>;
};

/**
 * The home branch that the configuration gives to one branch of a session, `null` being a detached HEAD. Any text makes
 * a name that git accepts, that no shell or option parser reads as anything else, and that has 190 bytes at most.
 */
export function homeBranchName(
	template: string,
	session: { readonly agent: string; readonly name: string },
	branch: string | null,
): string {
	const values: Readonly<Record<string, string>> = {
		agent: cleanPart(session.agent, 'agent'),
		session: cleanPart(session.name, 'session'),
		branch: branch === null ? 'detached' : cleanPath(branch) || 'unnamed',
	};
	return cleanName(template.replace(/\{(agent|session|branch)\}/g, (_, key: string) => values[key]!)) || 'session';
}

/**
 * The home branch for each of the session's branches, in their order, no two alike. A detached HEAD has the HEAD name
 * only where there is nothing else: during a rebase it must not take the place of the branch that is being rebased.
 */
export function homeBranchNames({ config, session, home }: NameFacts): string[] {
	const names = new Map<number, string>();
	const taken = new TakenNames([], home.ignoreCase);
	const order = session.branches
		.map((branch, index) => ({ branch, index }))
		.sort((a, b) => compare(a.branch, b.branch));
	for (const { branch, index } of order) {
		const asHead = branch.isHead && (branch.name !== null || session.branches.length === 1);
		const template = asHead ? config.headTemplate : config.otherTemplate;
		const { name } = besideName(homeBranchName(template, session, branch.name), taken);
		taken.add(name);
		names.set(index, name);
	}
	return session.branches.map((_, index) => names.get(index)!);
}

function compare(a: Pick<SessionBranch, 'name' | 'isHead'>, b: Pick<SessionBranch, 'name' | 'isHead'>): number {
	if (a.name === null || b.name === null) {
		return Number(a.name === null) - Number(b.name === null);
	}
	if (a.isHead !== b.isHead) {
		return a.isHead ? -1 : 1;
	}
	return a.name < b.name ? -1 : Number(a.name > b.name);
}

/** True when the name can be taken over from a session as it is, to be shown, typed and pasted. */
export function isPlainName(name: string): boolean {
	return isBranchName(name) && cleanName(name) === name;
}

function numbered(name: string, number: number): string {
	return number === 1 ? name : `${name}-${number}`;
}

/** The same name without folders, for where a folder cannot be. */
function flat(name: string): string {
	return name.replaceAll('/', '-');
}

/**
 * The first name of `name`, `name-2`, `name-3`... that is free; without folders where those are in the way. A name other
 * than the first must be free among the `reserved` ones too. `clash` tells that something in the way was not that name.
 */
export function besideName(
	name: string,
	taken: TakenNames,
	reserved?: TakenNames,
): { readonly name: string; readonly clash: boolean } {
	let clash = false;
	for (let number = 1; ; number += 1) {
		for (const form of new Set([name, flat(name)])) {
			const candidate = numbered(form, number);
			const standing = taken.standing(candidate);
			if (standing === 'free' && (candidate === name || (reserved?.standing(candidate) ?? 'free') === 'free')) {
				return { name: candidate, clash };
			}
			if (standing !== 'clash') {
				break;
			}
			clash = true;
		}
	}
}

/** Branch names that exist, and what they leave no room for. */
export class TakenNames {
	readonly #fold: (name: string) => string;
	readonly #names = new Set<string>();
	readonly #folded = new Set<string>();
	/** Each folder by its folded name, with the spellings that it has. */
	readonly #folders = new Map<string, Set<string>>();

	constructor(names: Iterable<string>, ignoreCase: boolean) {
		this.#fold = ignoreCase ? foldCase : foldForm;
		for (const name of names) {
			this.add(name);
		}
	}

	add(name: string): void {
		this.#names.add(name);
		this.#folded.add(this.#fold(name));
		for (const folder of foldersOf(name)) {
			const spellings = this.#folders.get(this.#fold(folder)) ?? new Set();
			this.#folders.set(this.#fold(folder), spellings.add(folder));
		}
	}

	/**
	 * `taken`: this very name exists. `clash`: another name is in the way, by being a folder of it, by having it as a
	 * folder, or by differing in case or in the encoding of a letter alone.
	 */
	standing(name: string): 'free' | 'taken' | 'clash' {
		if (this.#names.has(name)) {
			return 'taken';
		}
		const folded = this.#fold(name);
		const blocked =
			this.#folded.has(folded) ||
			this.#folders.has(folded) ||
			foldersOf(name).some((folder) => {
				const spellings = this.#folders.get(this.#fold(folder));
				return this.#folded.has(this.#fold(folder)) || (spellings !== undefined && !spellings.has(folder));
			});
		return blocked ? 'clash' : 'free';
	}
}

/**
 * For each of the session's branches, in their order, the existing home refs that the plan may keep, move or compare it
 * with: those of its own name or beside it, and the target that was named. The facts need a relation to each of them.
 */
export function homeRefsOf(
	facts: NameFacts & { readonly home: Pick<PlanFacts['home'], 'branches' | 'worktrees' | 'here'> },
	request: SyncRequest,
): string[][] {
	const beside = namesBeside([...facts.home.branches.keys()].map((ref) => ref.slice(headsPrefix.length)));
	return homeBranchNames(facts).map((name, index) => {
		const own = facts.session.branches[index]!.name;
		const target = request.strategy === 'overwrite' ? own : mergeTargetName(facts, request, own);
		const targets = [request.branch, request.strategy === 'branch' ? null : target].filter((target) => target !== null);
		const names = [name, ...targets].flatMap(beside);
		return [...new Set(names)].map((name) => headsPrefix + name);
	});
}

/** The home branch that a merge of one of the session's branches goes into; null where none can be told. */
export function mergeTargetName(
	{
		session,
		home,
	}: {
		readonly session: Pick<PlanFacts['session'], 'worktreeOfHome'>;
		readonly home: Pick<PlanFacts['home'], 'branches' | 'worktrees' | 'here'>;
	},
	request: SyncRequest,
	branch: string | null,
): string | null {
	if (request.branch !== null) {
		return request.branch;
	}
	// A worktree's own branch is home's already.
	if (!session.worktreeOfHome && branch !== null && home.branches.has(headsPrefix + branch)) {
		return branch;
	}
	const ref = home.worktrees.find((worktree) => worktree.path === home.here)?.branch ?? null;
	return ref?.startsWith(headsPrefix) ? ref.slice(headsPrefix.length) : null;
}

/** Finds the existing names that carry a name: itself, those beside it, and the same without folders; in that order. */
export function namesBeside(existing: readonly string[]): (name: string) => string[] {
	const numbers = new Map<string, Map<string, number>>();
	const note = (stem: string, name: string, number: number): void => {
		numbers.set(stem, (numbers.get(stem) ?? new Map<string, number>()).set(name, number));
	};
	for (const name of existing) {
		note(name, name, 1);
		const match = /^(.+)-([2-9]|[1-9]\d{1,8})$/.exec(name);
		if (match !== null) {
			note(match[1]!, name, Number(match[2]));
		}
	}
	return (name) => {
		const found = [name, flat(name)].flatMap((form) => [...(numbers.get(form) ?? [])]);
		return [...new Map(found)].sort(([, a], [, b]) => a - b).map(([name]) => name);
	};
}

function foldersOf(name: string): string[] {
	const parts = name.split('/').slice(0, -1);
	return parts.map((_, index) => parts.slice(0, index + 1).join('/'));
}

function foldForm(name: string): string {
	return name.normalize('NFC');
}

function foldCase(name: string): string {
	return name.normalize('NFD').toUpperCase().toLowerCase().normalize('NFC');
}

function cleanPart(text: string, fallback: string): string {
	return cleanPath(text.replaceAll('/', '-')) || fallback;
}

function cleanName(text: string): string {
	const name = cleanPath(cutBytes(cleanPath(text), maxNameBytes)).replace(readsAsOther, (start) => flat(start));
	return readsAsCommit.test(name) ? `${name}-branch` : name;
}

/** Keeps letters, digits, `_`, `.`, `-` and `/`, and of those nothing that git refuses; may be empty. */
function cleanPath(text: string): string {
	return text
		.normalize('NFC')
		.replace(/(?:[^\p{L}\p{M}\p{N}_./-]|\p{Default_Ignorable_Code_Point})+/gu, '-')
		.split('/')
		.map(cleanComponent)
		.filter((part) => part !== '')
		.join('/');
}

function cleanComponent(part: string): string {
	return part
		.replace(/\.{2,}/g, '.')
		.replace(/^[-.]+|[-.]+$/g, '')
		.replace(/\.lock$/i, '-lock');
}

function cutBytes(text: string, maxBytes: number): string {
	let bytes = 0;
	let cut = '';
	for (const character of text) {
		bytes += byteLength(character);
		if (bytes > maxBytes) {
			break;
		}
		cut += character;
	}
	return cut;
}
