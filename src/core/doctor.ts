import { access, constants, readdir } from 'node:fs/promises';
import { basename, dirname, isAbsolute, join } from 'node:path';
import { registryPath } from './backends/local/registry.js';
import type { Clock } from './base/clock.js';
import { HomeportError, isHomeportError } from './base/errors.js';
import { describeError } from './base/messages.js';
import { reasonIn, sayIn } from './base/say.js';
import type { Translate } from './base/say.js';
import { shellWord } from './base/text.js';
import type { Face } from './base/text.js';
import { loadConfig } from './config/config.js';
import { lockStatus } from './coordination/syncLock.js';
import type { HomeRepository } from './git/home.js';
import type { Check, ContextList, Remedy } from './model/report.js';
import type { Session } from './model/session.js';
import { listOperations, unendedOperation } from './operations/log.js';
import { ledgerSessions, readLedgerHead } from './sync/ledger.js';
import { manifestPath, readManifest } from './sync/manifest.js';

export interface Examined {
	readonly home: HomeRepository;
	readonly env: NodeJS.ProcessEnv;
	readonly clock: Clock;
	readonly sessions: readonly Session[];
	/** Whose words what is not in order is told in. */
	readonly face: Face;
	readonly translate: Translate;
	folder(): Promise<string>;
	contexts(): Promise<ContextList>;
}

/** What a check found: a detail where all is in order. */
type Outcome = string | Omit<Check, 'name'>;

/** Looks at everything that a sync relies on and says what is not in order. Changes nothing, and never fails. */
export async function examine(subject: Examined): Promise<Check[]> {
	const { home, env, clock, sessions, face, translate } = subject;
	const say = sayIn(translate);
	const check = async (name: string, look: () => Promise<Outcome>): Promise<Check> => {
		try {
			const found = await look();
			return { name, ...(typeof found === 'string' ? { ok: true, detail: found, fix: null } : found) };
		} catch (error) {
			const { message, next } = describeError(error, face, translate);
			const remedy = remedyOf(error);
			const fix = next ?? (isHomeportError(error) ? null : say`See the log.`);
			return { name, ok: false, detail: message, fix, ...(remedy === null ? {} : { remedy }) };
		}
	};
	return [
		await check('git', async () => home.git.text(['version'])),
		await check(say`repository`, async () => {
			await access(join(home.commonDir, 'objects'), constants.W_OK);
			return home.root;
		}),
		await check(say`files of Homeport`, async () => subject.folder()),
		await check(say`configuration`, async () => {
			await loadConfig(await subject.folder());
			return say`can be read`;
		}),
		await check(say`sync lock`, async () => {
			const status = await lockStatus(await subject.folder(), clock);
			const pid = status.pid ?? say`unknown`;
			if (!status.held && status.ageSeconds !== null) {
				return {
					ok: false,
					detail:
						status.owner === 'gone'
							? say`left by process ${pid}, which is gone`
							: say`left by process ${pid}, which has been silent for long`,
					fix:
						face === 'cli'
							? 'The next sync takes it over; `homeport lock break` takes it away.'
							: say`The next sync takes it over, or it can be taken away now.`,
					remedy: { kind: 'break-lock' },
				};
			}
			if (!status.held) {
				return say`free`;
			}
			return status.owner === 'alive'
				? say`held by process ${pid}`
				: say`held by process ${pid}, of which it is not known whether it lives`;
		}),
		await check(say`operation log`, async () => {
			const operations = await listOperations(home.git);
			const unended = await unendedOperation(home.git);
			if (unended === null) {
				return operations.length === 1 ? say`1 operation` : say`${operations.length} operations`;
			}
			const { held } = await lockStatus(await subject.folder(), clock);
			return held
				? say`operation ${unended.id} is under way`
				: say`operation ${unended.id} was interrupted; the next sync or undo ends it`;
		}),
		await check(say`ledgers`, async () => {
			const ids = await ledgerSessions(home.git);
			for (const id of ids) {
				await readLedgerHead(home.git, id);
			}
			return ids.length === 1 ? say`1 session` : say`${ids.length} sessions`;
		}),
		await check(say`manifest`, async () => {
			const entry = await readManifest(env, home.mainWorktree ?? home.root);
			return entry === null ? say`no sync yet` : say`can be read`;
		}),
		await check(say`kubeconfig`, async () => {
			const { chosen, known } = await subject.contexts();
			const names = known.map(({ name }) => name);
			const context = chosen.find((name) => !names.includes(name));
			if (context !== undefined) {
				throw new HomeportError('context-unknown', { context, known: names });
			}
			const none = known.length === 0 ? say`none, so no cluster is looked at` : say`it has no current context`;
			return chosen.length === 0 ? none : say`looked at: ${chosen.join(', ')}`;
		}),
		await check(say`files set aside`, async () => {
			const found = (await Promise.all([registryPath(env), manifestPath(env)].map(setAside))).flat();
			if (found.length > 0) {
				throw new HomeportError('state-damaged', { path: found.join(', '), reason: 'set aside as damaged' });
			}
			return say`none`;
		}),
		...sessions.map((session): Check => {
			const name = say`session ${session.id}`;
			const detail = session.reason === null ? translate(session.state) : reasonIn(session.reason, translate);
			return session.state === 'running'
				? { name, ok: true, detail, fix: null }
				: {
						name,
						ok: false,
						detail,
						fix:
							face === 'cli'
								? `What was seen of it is kept: \`homeport ledger ${shellWord(session.id)}\` shows it.`
								: say`What was seen of it is kept.`,
						remedy: { kind: 'show-kept', session: session.id },
					};
		}),
	];
}

// Damaged files that an earlier run moved out of the way, and that nobody has looked at yet.
async function setAside(path: string): Promise<string[]> {
	const names = await readdir(dirname(path)).catch(() => []);
	return names.filter((name) => name.startsWith(`${basename(path)}.damaged-`)).map((name) => join(dirname(path), name));
}

function remedyOf(error: unknown): Remedy | null {
	if (!isHomeportError(error)) {
		return null;
	}
	const { path } = error.details;
	switch (error.code) {
		case 'context-unknown':
			return { kind: 'choose-contexts' };
		case 'kubeconfig-damaged':
		case 'kubeconfig-foreign':
		case 'state-damaged':
			return typeof path === 'string' && isAbsolute(path) ? { kind: 'open-file', path } : null;
		default:
			return null;
	}
}
