import { appendAudit } from '../coordination/auditLog.js';
import type { Operation, UndoResult } from '../model/report.js';
import { unaccepted } from '../model/warning.js';
import { type StepOptions, type SyncContext, underLock } from '../sync/context.js';
import { listOperations } from './log.js';
import { performOperation } from './perform.js';
import { reopenMerge } from './reopenMerge.js';
import { operationToUndo, planUndo } from './undo.js';
import { undoPush } from './undoPush.js';

export interface UndoOptions extends StepOptions {
	readonly accepted: readonly string[];
	readonly dryRun?: boolean;
}

/**
 * Takes an operation back, as an operation of its own. A dry run changes nothing; warnings that were not accepted
 * refuse. Fails with `operation-unknown`, `nothing-to-undo`, `lock-held` or `changed-meanwhile`.
 */
export async function undoOperation(
	context: SyncContext,
	id: string | null,
	options: UndoOptions,
): Promise<UndoResult> {
	const { home } = context;
	return underLock(context, 'undo', options, async () => {
		const operation = operationToUndo(await listOperations(home.git), id);
		if (operation.sessionRefs !== undefined) {
			const result = await undoPush(context, operation, options);
			await told(context, result);
			return result;
		}
		if (operation.kind === 'undo' && operation.merge !== null) {
			const result = await redoDropped(context, operation, options.dryRun === true);
			await told(context, result);
			return result;
		}
		const plan = await planUndo(home, operation);
		const result = {
			kind: plan.kind,
			undoes: operation.id,
			refs: plan.refs,
			warnings: plan.warnings.map((warning) => ({ ...warning, accepted: options.accepted.includes(warning.code) })),
		};
		if (options.dryRun === true) {
			return { ...result, operation: null, outcome: 'planned' };
		}
		if (unaccepted(plan.warnings, new Set(options.accepted)).length > 0) {
			return { ...result, operation: null, outcome: 'refused' };
		}
		const done = await performOperation(home, context.clock, context.logger, {
			kind: plan.kind,
			session: operation.session,
			request: operation.request,
			accepted: options.accepted,
			undoes: operation.id,
			merge: plan.merge,
			files: plan.files,
			refs: plan.refs
				.filter(({ action }) => action !== 'files')
				.map(({ ref, from, to, worktree }) => ({ ref, from, to, worktree })),
			reason: `homeport: ${plan.kind} ${operation.id}`,
		});
		const ended = { ...result, operation: done, outcome: 'done' } as const;
		await told(context, ended);
		return ended;
	});
}

async function redoDropped(context: SyncContext, dropping: Operation, dryRun: boolean): Promise<UndoResult> {
	const result = { kind: 'redo', undoes: dropping.id, refs: [], warnings: [] } as const;
	return dryRun
		? { ...result, operation: null, outcome: 'planned' }
		: {
				...result,
				operation: await reopenMerge(context, dropping),
				outcome: 'done',
				opened: dropping.merge!.path,
			};
}

async function told(context: SyncContext, { kind, undoes, operation }: UndoResult): Promise<void> {
	if (operation !== null) {
		const text = `${kind} of ${undoes} as ${operation}`;
		await appendAudit(await context.syncFolder(), 'SUCCESS', text, context.clock);
	}
}
