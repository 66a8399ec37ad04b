import type { TerminalSize, TerminalStream } from './backends/backend.js';
import type { Session } from './model/session.js';
import type { Sessions } from './sessions.js';

// paude gives its agent's tmux session the name of the agent. `=` keeps tmux from taking another that begins alike.
const script = `cd "$1" 2>/dev/null
if command -v tmux >/dev/null 2>&1 && tmux has-session -t "=$2" 2>/dev/null; then exec tmux -u attach-session -t "=$2"; fi
for shell in "\${SHELL:-}" bash sh; do
	if command -v "$shell" >/dev/null 2>&1; then exec "$shell" -i; fi
done`;

/**
 * A terminal in the session's pod: the agent's tmux session where it has one, else a shell in its folder. Fails with
 * `not-supported` for a session that is in no pod, and as the way to the session fails.
 */
export async function attach(
	sessions: Sessions,
	session: Session,
	size: TerminalSize,
	signal?: AbortSignal,
): Promise<TerminalStream> {
	const argv = ['env', 'TERM=xterm-256color', 'sh', '-c', script, 'homeport', session.workspace, session.agent];
	const cluster = await sessions.clusterOf(session);
	return cluster.terminal(session, argv, size, signal === undefined ? {} : { signal });
}
