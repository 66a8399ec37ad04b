import { spawn } from 'node:child_process';
import { chmodSync, mkdirSync, readFileSync, symlinkSync } from 'node:fs';
import { delimiter, dirname, join, resolve } from 'node:path';
import { type ClusterFixture, clusterFixture } from './clusterFixture.js';

/** How a git of the user's ended, and what it said. */
export interface GitEnded {
	readonly code: number | null;
	readonly out: string;
	readonly err: string;
}

/** A home and a cluster, and a git that has the remote helper of the package on its PATH. */
export interface GitRemoteFixture extends ClusterFixture {
	/** Runs git in home, or in the folder given; `started` gets a way to kill it. */
	readonly fetcher: (args: readonly string[], dir?: string, started?: (kill: () => void) => void) => Promise<GitEnded>;
	/** All refs of home, with what they name. */
	readonly refs: () => Promise<string>;
}

/** Makes the fixture; the helper is linked under the name that `bin` of the package gives it, as npm does it. */
export async function gitRemoteFixture(): Promise<GitRemoteFixture> {
	const fixture = await clusterFixture();
	const { bin } = JSON.parse(readFileSync('package.json', 'utf8')) as { bin: Readonly<Record<string, string>> };
	const programs = join(fixture.folder, 'bin');
	mkdirSync(programs);
	for (const [name, path] of Object.entries(bin)) {
		chmodSync(path, 0o755);
		symlinkSync(resolve(path), join(programs, name));
	}
	const path = [programs, dirname(process.execPath), fixture.env['PATH']].join(delimiter);
	const env = { ...fixture.env, PATH: path };
	return {
		...fixture,
		fetcher: (args, dir = fixture.home, started = () => undefined) =>
			new Promise((ended, failed) => {
				const child = spawn('git', args, { cwd: dir, env, stdio: ['ignore', 'pipe', 'pipe'] });
				const said = { out: '', err: '' };
				child.stdout.setEncoding('utf8').on('data', (text: string) => (said.out += text));
				child.stderr.setEncoding('utf8').on('data', (text: string) => (said.err += text));
				started(() => child.kill('SIGKILL'));
				child.once('error', failed);
				child.once('close', (code) => ended({ code, ...said }));
			}),
		refs: () => fixture.git(fixture.home, 'for-each-ref'),
	};
}
