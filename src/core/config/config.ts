import { join } from 'node:path';
import * as z from 'zod/mini';
import { HomeportError } from '../base/errors.js';
import { issueText, readState } from '../base/stateFile.js';
import { defaultLimits } from './limits.js';
import type { Limits } from './limits.js';

/** What a session may send and how long it may take, before inspection looks at it. */
interface TransferLimits {
	/** Refs, stashes and reflog entries of one observation. */
	readonly refs: number;
	/** Seconds for one look at a session, its capture included. */
	readonly observeSeconds: number;
	/** Seconds for one fetch, and seconds of it without a byte. */
	readonly fetchSeconds: number;
	readonly idleSeconds: number;
	/** Bytes of one fetch. */
	readonly packBytes: number;
}

const defaultTransferLimits: TransferLimits = {
	refs: 20_000,
	observeSeconds: 600,
	fetchSeconds: 3600,
	idleSeconds: 120,
	packBytes: 16 * 1024 ** 3,
};

const text = z.string().check(z.regex(/^\P{Cc}+$/u, 'must be one line of text'));
const amount = z.number().check(z.nonnegative());
const bytes = z.int().check(z.positive());

/** An object that may be missing, each of its keys with a default, other keys kept. */
function group<T extends z.core.$ZodLooseShape>(shape: T) {
	return z.prefault(z.looseObject(shape), {} as never);
}

const branches = group({
	template: z._default(text, '{agent}/{session}'),
	otherTemplate: z._default(text.check(z.includes('{branch}', 'must hold {branch}')), '{agent}/{session}-{branch}'),
	sessionTemplate: z._default(text, '{branch}'),
	protected: z._default(z.array(text), ['main', 'master', 'release', 'release-*', 'release/*']),
});

const capture = group({
	ignored: z._default(z.array(text), []),
	credentials: z._default(z.array(text), []),
	maxFileBytes: z._default(bytes, 512 * 1024 ** 2),
	maxTotalBytes: z._default(bytes, 4 * 1024 ** 3),
});

const selector = z.looseObject({
	labels: text,
	container: z.optional(text),
	path: z._default(text.check(z.startsWith('/', 'must be absolute')), '/pvc/workspace'),
});

const fileSchema = z.looseObject({
	auto_sync: group({
		enabled: z._default(z.boolean(), false),
		interval_minutes: z._default(amount, 60),
		sync_on_startup: z._default(z.boolean(), false),
		sync_on_exit: z._default(z.boolean(), true),
	}),
	conflict_resolution: group({
		strategy: z._default(z.enum(['manual', 'auto-ours', 'auto-theirs']), 'manual'),
		auto_commit_threshold: z._default(amount, 10),
	}),
	filters: group({
		exclude_patterns: z._default(z.array(text), []),
	}),
	monitoring: group({
		max_file_changes_before_sync: z._default(amount, 50),
		min_time_between_syncs: z._default(amount, 300),
		alert_on_sync_failure: z._default(z.boolean(), true),
	}),
	homeport: group({
		branches,
		capture,
		kubernetes: group({ selectors: z._default(z.array(selector), []) }),
		limits: z._default(z.record(z.string(), z.number().check(z.positive())), {}),
	}),
});

/** Pods that are sessions by their labels. */
interface PodSelector {
	readonly labels: string;
	/** Null for the first. */
	readonly container: string | null;
	/** Of the repository. */
	readonly path: string;
}

/** All settings of one home, every one with a value. */
export interface Config {
	/** Template of the home branch for a session's HEAD branch, and of that for any other. */
	readonly headTemplate: string;
	readonly otherTemplate: string;
	/** Template of the session's branch for a branch of home that goes there, where the session has none. */
	readonly sessionTemplate: string;
	/** Branch names, with `*`, that an overwrite must ask for. */
	readonly protectedBranches: readonly string[];
	/** git pathspecs of ignored files that are captured all the same. */
	readonly captureIgnored: readonly string[];
	/** Paths that look like credentials and are captured all the same. */
	readonly captureCredentials: readonly string[];
	/** Bytes of one file, and of all files, that a capture takes. */
	readonly maxFileBytes: number;
	readonly maxTotalBytes: number;
	readonly podSelectors: readonly PodSelector[];
	readonly limits: Limits & TransferLimits;
	/** Everything that the file holds, under the file's own keys, with the defaults filled in. */
	readonly file: z.infer<typeof fileSchema>;
}

/**
 * The configuration in `sync-config.json` of this folder, with the defaults where there is no file or no key: the groups
 * of atomic workspace sync, and our own keys under `homeport`. Fails with `state-damaged`, the key named in `reason`,
 * where it cannot be read or a value is of the wrong type; since people write this file, it stays where it is. No key
 * names a program: the file may come out of a repository.
 */
export async function loadConfig(syncFolder: string): Promise<Config> {
	const file = await readState(join(syncFolder, 'sync-config.json'), fileSchema, fileSchema.parse({}), 'leave');
	const { branches, capture, kubernetes, limits } = file.homeport;
	return {
		headTemplate: branches.template,
		otherTemplate: branches.otherTemplate,
		sessionTemplate: branches.sessionTemplate,
		protectedBranches: branches.protected,
		captureIgnored: capture.ignored,
		captureCredentials: capture.credentials,
		maxFileBytes: capture.maxFileBytes,
		maxTotalBytes: capture.maxTotalBytes,
		podSelectors: kubernetes.selectors.map(toSelector),
		limits: { ...withKnown(defaultLimits, limits), ...withKnown(defaultTransferLimits, limits) },
		file,
	};
}

/** The selectors of a setting of the same form as in the file; fails with `usage`, which says what is wrong where. */
export function podSelectorsOf(value: unknown): PodSelector[] {
	const parsed = z.safeParse(z.array(selector), value);
	if (parsed.success) {
		return parsed.data.map(toSelector);
	}
	const issue = parsed.error.issues[0]!;
	const path = ['homeport', 'kubernetes', 'selectors', ...issue.path];
	throw new HomeportError('usage', { what: `The setting ${issueText({ ...issue, path })}` });
}

function toSelector({ labels, container, path }: z.infer<typeof selector>): PodSelector {
	return { labels, container: container ?? null, path };
}

/** The defaults, with the numbers among them replaced by those that were given under the same name. */
function withKnown<T extends object>(defaults: T, given: Readonly<Record<string, number>>): T {
	const known = Object.entries(defaults)
		.filter(([name, value]) => typeof value === 'number' && Object.hasOwn(given, name))
		.map(([name]) => [name, given[name]]);
	return { ...defaults, ...Object.fromEntries(known) };
}
