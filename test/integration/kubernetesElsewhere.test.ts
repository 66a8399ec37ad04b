import { strict as assert } from 'node:assert';
import { execFile, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { promisify } from 'node:util';
import { kubeconfigFile } from '../support/clusterBackend.js';

const isLong = process.env['HOMEPORT_LONG'] === '1';
const files = ['kubernetes', 'kubernetesPods', ...(isLong ? ['kubernetesStrategies'] : [])].map(
	(name) => `out/test/integration/${name}.test.js`,
);

// What runs with HOMEPORT_TEST_KUBECONFIG on a cluster of somebody else's; here it is the tests' own in another process.
describe('a cluster of which the tests have nothing but a kubeconfig', function () {
	this.timeout(400_000);

	it('is one that the tests of sessions in pods run on', async function () {
		const { status, stdout } = spawnSync('kubectl', ['version', '--client', '-o', 'json'], { encoding: 'utf8' });
		const { clientVersion } = (status === 0 ? JSON.parse(stdout) : {}) as { clientVersion?: { minor: string } };
		if (
			Number.parseInt(clientVersion?.minor ?? '0', 10) < 31 ||
			process.env['HOMEPORT_TEST_KUBECONFIG'] !== undefined
		) {
			this.skip();
		}
		const double = spawn(process.execPath, ['--enable-source-maps', 'out/test/support/clusterProcess.js'], {
			stdio: ['pipe', 'pipe', 'inherit'],
		});
		const [line] = (await once(double.stdout, 'data')) as [Buffer];
		const config = await kubeconfigFile(JSON.parse(line.toString()) as string);
		try {
			const mocha = ['node_modules/mocha/bin/mocha.js', '--reporter', 'json', ...files];
			const env = { ...process.env, HOMEPORT_TEST_KUBECONFIG: config.path };
			const ran = await promisify(execFile)(process.execPath, ['--enable-source-maps', ...mocha], {
				env,
				maxBuffer: 10 ** 8,
			}).catch((error: { stdout: string }) => error);
			const { stats, failures } = JSON.parse(ran.stdout) as {
				stats: { passes: number; pending: number };
				failures: { fullTitle: string; err: { message: string } }[];
			};
			assert.deepStrictEqual(
				failures.map(({ fullTitle, err }) => `${fullTitle}: ${err.message}`),
				[],
			);
			console.log(`      ${stats.passes} passed, ${stats.pending} skipped`);
			assert.ok(stats.passes >= 12, String(stats.passes));
		} finally {
			double.stdin.end();
			await once(double, 'exit');
			await config.dispose();
		}
	});
});
