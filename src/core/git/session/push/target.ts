import { randomBytes } from 'node:crypto';
import type { ExecOptions } from '../../../backends/backend.js';
import { type ErrorCode, HomeportError } from '../../../base/errors.js';
import { shownText } from '../../../base/text.js';
import type { InProgress, Oid } from '../../../model/observation.js';
import type { HeldBy } from '../../../model/push.js';
import { type BytePath, nulInput } from '../../bytePath.js';
import { outputOf, type SessionExec } from '../exec.js';
import { fieldOf, parseSections } from '../fields.js';
import opening from '../open.sh';
import checkout from './checkout.sh';
import parts from './parts.sh';
import receive from './receive.sh';
import script from './target.sh';

/** Where a session's repository is, and where our own files about it are. */
export interface SessionPlace {
	readonly workspace: string;
	readonly gitDir: string | null;
	readonly privateFolder: string | null;
	/** Names the private folder; one for each session. */
	readonly key: string;
}

/** What a session says of one of its branches, and of what a push to it would meet. Everything in it is its own word. */
export interface Target {
	/** The repository belongs to the user that commands run as. */
	readonly owned: boolean;
	readonly bare: boolean;
	readonly inProgress: InProgress | null;
	readonly oid: Oid | null;
	/** The branch has the commit that was sent, and the index has what came with it. */
	readonly reaches: boolean;
	readonly indexMoved: boolean;
	/** Which branches are checked out, and where: by full ref. */
	readonly held: ReadonlyMap<string, HeldBy>;
	/** The first of the tracked files that are not as HEAD has them, and of the files that stand where new ones would. */
	readonly dirty: readonly string[];
	readonly inTheWay: readonly string[];
}

const operations: readonly string[] = ['merge', 'rebase', 'cherry-pick', 'revert', 'bisect', 'am'];
const failures: readonly string[] = [
	'git-missing',
	'git-too-old',
	'session-missing',
	'session-damaged',
	'session-not-owned',
];

/**
 * Asks a session how a branch of it stands: before a push with the paths that come new to its files, and after one with
 * the commit that was sent. Ends what a push of ours left half done there. Fails as {@link outputOf} does, and with the
 * codes of an observation.
 */
export async function readTarget(
	exec: SessionExec,
	place: SessionPlace,
	ask: {
		readonly ref: string;
		readonly from?: Oid | null;
		readonly sent?: Oid | null;
		readonly added?: readonly BytePath[];
	},
	options: ExecOptions,
): Promise<Target> {
	const env = { ...placeEnvironment(place), HP_REF: ask.ref, HP_OLD: ask.from ?? '', HP_NEW: ask.sent ?? '' };
	const argv = ['sh', '-c', opening + parts + script, 'homeport-target'];
	const limits = { timeoutMs: 60_000, maxBytes: 16 * 1024 * 1024, ...options, env };
	const output = await outputOf(exec, argv, limits, nulInput(ask.added ?? []));
	const sections = parseSections(output);
	const failed = sections.get('fail');
	if (failed !== undefined) {
		const code = fieldOf(failed, 'code');
		const known = failures.includes(code) ? (code as ErrorCode) : 'session-damaged';
		throw new HomeportError(known, { reason: shownText(fieldOf(failed, 'text')) });
	}
	if (!sections.has('end')) {
		throw new HomeportError('stream-failed', { reason: 'the look at the session ended early' });
	}
	const told = sections.get('target');
	const progress = fieldOf(told, 'progress');
	const oid = fieldOf(told, 'now');
	const held = new Map<string, HeldBy>();
	for (const { word, rest } of sections.get('held') ?? []) {
		// The most that stands against moving it counts.
		if (word === 'elsewhere' || word === 'returns' || (word === 'here' && !held.has(rest))) {
			held.set(rest, word);
		}
	}
	const paths = (name: string): string[] =>
		(sections.get(name) ?? []).map(({ rest }) => rest.replaceAll('\u0001', '\n'));
	return {
		owned: fieldOf(told, 'owned') === 'yes',
		bare: fieldOf(told, 'bare') === 'true',
		inProgress: operations.includes(progress) ? (progress as InProgress) : null,
		oid: /^(?:[0-9a-f]{40}|[0-9a-f]{64})$/.test(oid) ? oid : null,
		reaches: fieldOf(told, 'reaches') === 'yes',
		indexMoved: fieldOf(told, 'index') === 'moved',
		held,
		dirty: paths('dirty'),
		inTheWay: paths('way'),
	};
}

/** One move of a branch of a session. */
export interface Move {
	/** The full ref. */
	readonly ref: string;
	/** What it must have now, and what it gets; null where there is no such branch before or after. */
	readonly from: Oid | null;
	readonly to: Oid | null;
	/** It is checked out in the session's own working tree, whose files move with it. */
	readonly checkedOut: boolean;
	/** It may lose commits. */
	readonly force: boolean;
}

/** The command that takes a push in the session, and its variables. */
export function receiveCommand(
	place: SessionPlace,
	move: Move,
): { readonly argv: readonly string[]; readonly env: Readonly<Record<string, string>> } {
	return {
		argv: ['sh', '-c', opening + parts + receive, 'homeport-receive'],
		env: {
			...placeEnvironment(place),
			HP_PIPE: '1',
			HP_REF: move.ref,
			HP_OLD: move.from ?? '',
			HP_NEW: move.to ?? '',
			HP_CHECKOUT: move.checkedOut ? '1' : '',
			HP_FORCE: move.force ? '1' : '',
			HP_HOOK: parts + checkout,
			HP_RUN: randomBytes(4).toString('hex'),
		},
	};
}

/** The variables of `open.sh` that say where the repository is. */
export function placeEnvironment(place: SessionPlace): Record<string, string> {
	return {
		HP_WORKSPACE: place.workspace,
		HP_GIT_DIR: place.gitDir ?? '',
		HP_PRIVATE: place.privateFolder ?? '',
		HP_KEY: place.key,
	};
}
