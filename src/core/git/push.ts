import { randomBytes } from 'node:crypto';
import type { ExecOptions } from '../backends/backend.js';
import type { Moved } from '../model/report.js';
import { listenForProgress, withoutProgress } from './gitProgress.js';
import type { HomeRepository } from './home.js';
import { type PushRefusal, readRefusal } from './pushAnswer.js';
import { endedBySignal } from './run.js';
import type { SessionExec } from './session/exec.js';
import { type Move, receiveCommand, type SessionPlace } from './session/push/target.js';
import { openTunnel } from './tunnel.js';

const endingMs = 20_000;

/**
 * Moves one branch of a session by a push from home, with an explicit lease on what it must have. Returns why the session
 * did not take it, or null where both sides say that it did: whether it is so, only a look at the session can tell.
 * Fails as the way to the session fails.
 */
export async function pushTo(
	home: HomeRepository,
	exec: SessionExec,
	place: SessionPlace,
	move: Move,
	options: ExecOptions,
	onMoved?: (moved: Moved) => void,
): Promise<PushRefusal | null> {
	const { argv, env } = receiveCommand(place, move);
	let said = (): string => '';
	const tunnel = await openTunnel(async () => {
		const stream = await exec(argv, { ...options, env });
		said = () => stream.stderrTail();
		return stream;
	});
	try {
		// A name that no remote of the user's has.
		const remote = `homeport-${randomBytes(8).toString('hex')}`;
		const args = ['push', '--porcelain', '--atomic', '--no-verify', '--no-signed', '--no-follow-tags', '--progress'];
		args.push('--recurse-submodules=no', '--no-force-if-includes');
		args.push(`--force-with-lease=${move.ref}:${move.from ?? ''}`, remote, `${move.to ?? ''}:${move.ref}`);
		const pushing = home.git.run(args, {
			config: [
				[`remote.${remote}.url`, tunnel.url],
				// The longest match counts, so that no rewriting of the user's catches it.
				[`url.${tunnel.url}.insteadOf`, tunnel.url],
				[`url.${tunnel.url}.pushInsteadOf`, tunnel.url],
				['protocol.git.allow', 'always'],
				['push.pushOption', ''],
				['push.negotiate', 'false'],
			],
			env: { GIT_PROXY_COMMAND: '' },
			allow: [1, 128],
			onStderr: listenForProgress(() => tunnel.bytes(), onMoved),
		});
		const result = await pushing.catch(async (error: unknown) => {
			throw (endedBySignal(error) ? await endOf(tunnel.finished()) : null) ?? error;
		});
		const ended = await endOf(tunnel.finished());
		if (result.exitCode === 0 && ended === null) {
			return null;
		}
		const refusal = readRefusal(result.stdout.toString('utf8'), withoutProgress(result.stderr).join('\n'), said());
		if (refusal.kind === 'other' && ended !== null) {
			throw ended;
		}
		return refusal;
	} finally {
		tunnel.close();
	}
}

// The session's side may still put its files in order; what it said of a failure counts.
async function endOf(finished: Promise<void>): Promise<Error | null> {
	let timer: NodeJS.Timeout | undefined;
	const late = new Promise<null>((resolve) => {
		timer = setTimeout(() => resolve(null), endingMs);
	});
	const ended = finished.then(
		() => null,
		(error: unknown) => error as Error,
	);
	return Promise.race([ended, late]).finally(() => clearTimeout(timer));
}
