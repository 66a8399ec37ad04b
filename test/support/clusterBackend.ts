import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createKubernetesBackend } from '../../src/core/backends/kubernetes/kubernetesBackend.js';
import type { KubernetesBackend } from '../../src/core/backends/kubernetes/kubernetesBackend.js';
import { systemClock } from '../../src/core/base/clock.js';
import { silentLogger } from '../../src/core/base/logger.js';
import type { Session } from '../../src/core/model/session.js';

/** A backend on the current context of this kubeconfig file. */
export function backendOn(kubeconfig: string): KubernetesBackend {
	return createKubernetesBackend({
		choice: { kubeconfig, contexts: [], namespaces: [], allContexts: false },
		env: { PATH: process.env['PATH'], HOME: tmpdir() },
		clock: systemClock,
		logger: silentLogger,
		foreign: async () => [],
		selectors: async () => [],
	});
}

/** The text as a kubeconfig file, and what takes it away again. */
export async function kubeconfigFile(text: string): Promise<{ path: string; dispose(): Promise<void> }> {
	const folder = await mkdtemp(join(tmpdir(), 'homeport-kubeconfig-'));
	const path = join(folder, 'config');
	await writeFile(path, text);
	return { path, dispose: () => rm(folder, { recursive: true }) };
}

/** The one session of that name. */
export async function sessionNamed(backend: KubernetesBackend, name: string): Promise<Session> {
	const { sessions, problems } = await backend.look();
	const found = sessions.find((session) => session.name === name);
	if (found === undefined) {
		throw new Error(`there is no session ${name}`, { cause: problems[0]?.error });
	}
	return found;
}
