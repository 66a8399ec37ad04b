import * as z from 'zod/mini';
import { snapshotState } from './snapshot.js';

const nullableOid = z.nullable(z.string().check(z.regex(/^(?:[0-9a-f]{40}|[0-9a-f]{64})$/)));
/** What an entry of the operation log says of its operation, as JSON. */
export const storedOperation = z.object({
	schemaVersion: z.literal(1),
	/** Twelve hexadecimal digits; names the operation in every entry that is about it. */
	id: z.string().check(z.regex(/^[0-9a-f]{12}$/)),
	kind: z.enum(['sync', 'push', 'undo', 'redo', 'forget', 'open', 'continue']),
	session: z.nullable(z.string()),
	request: z.nullable(
		z.object({
			strategy: z.enum(['branch', 'merge', 'overwrite', 'exclude']),
			direction: z.enum(['home', 'session', 'both']),
			branch: z.nullable(z.string()),
			from: z.nullable(z.string()),
			onConflict: z.exactOptional(z.enum(['manual', 'auto-ours', 'auto-theirs'])),
			rebase: z.exactOptional(z.boolean()),
			origin: z.exactOptional(z.boolean()),
		}),
	),
	time: z.string(),
	/** The working tree that the operation is about. */
	worktree: z.string(),
	refs: z.array(z.object({ ref: z.string(), from: nullableOid, to: nullableOid, worktree: z.nullable(z.string()) })),
	/** Branches of the session, where the operation moves them. */
	sessionRefs: z.exactOptional(z.array(z.object({ ref: z.string(), from: nullableOid, to: nullableOid }))),
	/** Every branch and tag of home before the operation. */
	before: z.record(z.string(), z.string()),
	/** The working trees before the operation; what they held stands beside, in trees named after each. */
	snapshots: z.record(z.string(), snapshotState),
	accepted: z.array(z.string()),
	undoes: z.nullable(z.string()),
	/** Files of working trees that change without a commit, as trees; both are kept beside. */
	files: z._default(z.array(z.object({ worktree: z.string(), from: z.string(), to: z.string() })), []),
	/** The open merge that it is about. */
	merge: z._default(
		z.nullable(
			z.object({
				kind: z.enum(['merge', 'rebase']),
				ref: z.string(),
				onto: z.string(),
				source: z.string(),
				path: z.string(),
				message: z.exactOptional(z.string()),
			}),
		),
		null,
	),
});
export type StoredOperation = z.infer<typeof storedOperation>;
/** A ref of home that an operation moves, and the working tree that moves with it. */
export type OperationRef = StoredOperation['refs'][number];
/** Files of a working tree that an operation changes without a commit, as trees. */
export type OperationFiles = StoredOperation['files'][number];
/** A branch of a session that an operation moves. */
export type SessionRef = NonNullable<StoredOperation['sessionRefs']>[number];
