import { strict as assert } from 'node:assert';
import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as fc from 'fast-check';
import { isHomeportError } from '../../../../src/core/base/errors.js';
import { mergeKubeconfigs, parseKubeconfig } from '../../../../src/core/backends/kubernetes/kubeconfig.js';
import { kubeconfigPaths, readKubeconfig } from '../../../../src/core/backends/kubernetes/kubeconfigFiles.js';

const cluster = (name: string, server: string): unknown => ({ name, cluster: { server } });
const context = (name: string, of: string): unknown => ({ name, context: { cluster: of, user: 'dev' } });

describe('a kubeconfig', () => {
	it('counts relative paths from the folder of its file, and leaves a bare program name to the PATH', () => {
		const { clusters, users } = parseKubeconfig(
			{
				clusters: [{ name: 'c', cluster: { server: 'https://host:6443/', 'certificate-authority': 'ca.pem' } }],
				users: [
					{ name: 'a', user: { 'client-certificate': '../c.pem', 'client-key': '/k.pem', tokenFile: 't' } },
					{ name: 'b', user: { exec: { apiVersion: 'v1', command: './bin/login', args: ['x'] } } },
					{ name: 'c', user: { exec: { command: 'login', env: [{ name: 'A', value: 'b' }] } } },
				],
			},
			'/home/dev/.kube/config',
		);
		assert.deepStrictEqual(
			[clusters.get('c')?.caFile, clusters.get('c')?.server],
			['/home/dev/.kube/ca.pem', 'https://host:6443'],
		);
		const { certificateFile, keyFile, tokenFile } = users.get('a')!;
		assert.deepStrictEqual([certificateFile, keyFile, tokenFile], ['/home/dev/c.pem', '/k.pem', '/home/dev/.kube/t']);
		assert.deepStrictEqual(users.get('b')?.plugin?.command, '/home/dev/.kube/bin/login');
		assert.deepStrictEqual(users.get('c')?.plugin, {
			apiVersion: 'client.authentication.k8s.io/v1beta1',
			command: 'login',
			args: [],
			env: { A: 'b' },
			installHint: null,
			provideClusterInfo: false,
		});
	});

	it('takes each name from the first file that has it, and the first current context', () => {
		const names = fc.uniqueArray(fc.constantFrom('a', 'b', 'c', 'd'), { maxLength: 4 });
		const file = fc.record({ names, current: fc.constantFrom('', 'a', 'b') });
		fc.assert(
			fc.property(fc.array(file, { maxLength: 4 }), (files) => {
				const merged = mergeKubeconfigs(
					files.map(({ names: of, current }, index) =>
						parseKubeconfig(
							{
								'current-context': current,
								clusters: of.map((name) => cluster(name, `https://${index}`)),
								contexts: of.map((name) => context(name, `${name}${index}`)),
							},
							`/${index}`,
						),
					),
				);
				assert.deepStrictEqual(merged.currentContext, files.find(({ current }) => current !== '')?.current ?? null);
				for (const name of ['a', 'b', 'c', 'd'] as const) {
					const first = files.findIndex(({ names: of }) => of.includes(name));
					assert.deepStrictEqual(merged.clusters.get(name)?.server, first < 0 ? undefined : `https://${first}`);
					assert.deepStrictEqual(merged.contexts.get(name)?.cluster, first < 0 ? undefined : `${name}${first}`);
				}
			}),
		);
	});

	it('of another shape is refused with the place, whatever it holds', () => {
		assert.throws(
			() => parseKubeconfig({ clusters: [{ name: 'c', cluster: { server: 1 } }] }, '/f'),
			/clusters\.0\.cluster\.server/,
		);
		fc.assert(
			fc.property(fc.anything(), (content) => {
				try {
					parseKubeconfig(content, '/f');
				} catch (error) {
					assert.ok(error instanceof Error && !(error instanceof TypeError), String(error));
				}
			}),
		);
	});
});

describe('the files of a kubeconfig', () => {
	let folder: string;
	const json = async (text: string): Promise<unknown> => JSON.parse(text) as unknown;

	beforeEach(async () => {
		folder = await mkdtemp(join(tmpdir(), 'homeport-kube-'));
	});
	afterEach(() => rm(folder, { recursive: true }));

	const codeOf = async (work: Promise<unknown>): Promise<unknown> =>
		work.then(
			() => 'none',
			(error: unknown) => (isHomeportError(error) ? error.code : error),
		);

	it('are those of KUBECONFIG, each once, else the one of the user, else the one that was named', () => {
		const env = { HOME: '/home/dev', KUBECONFIG: ':/a:/b::/a' };
		assert.deepStrictEqual(kubeconfigPaths({ env, file: null }), ['/a', '/b']);
		assert.deepStrictEqual(kubeconfigPaths({ env: { ...env, KUBECONFIG: '' }, file: null }), [
			'/home/dev/.kube/config',
		]);
		assert.deepStrictEqual(kubeconfigPaths({ env, file: '/c' }), ['/c']);
	});

	it('are read as one; a missing one is ignored, but for the one that was named', async () => {
		const [one, two, gone] = ['one', 'two', 'gone'].map((name) => join(folder, name)) as [string, string, string];
		await writeFile(one, JSON.stringify({ clusters: [cluster('c', 'https://one')] }));
		await writeFile(two, JSON.stringify({ 'current-context': 'x', clusters: [cluster('c', 'https://two')] }));
		const read = await readKubeconfig({ env: { KUBECONFIG: `${gone}:${one}:${two}` }, file: null, foreign: [] }, json);
		assert.deepStrictEqual([read.currentContext, read.clusters.get('c')?.server], ['x', 'https://one']);
		const none = await readKubeconfig({ env: { KUBECONFIG: gone }, file: null, foreign: [] }, json);
		assert.deepStrictEqual(none.contexts.size, 0);
		assert.deepStrictEqual(
			await codeOf(readKubeconfig({ env: {}, file: gone, foreign: [] }, json)),
			'kubeconfig-damaged',
		);
	});

	it('are refused where a repository or a session brings them along, a link from elsewhere too', async () => {
		const inside = join(folder, 'session/kube');
		const link = join(folder, 'link');
		await mkdir(join(folder, 'session'));
		await writeFile(inside, '{}');
		await symlink(inside, link);
		const foreign = [join(folder, 'session')];
		for (const path of [inside, link]) {
			const read = readKubeconfig({ env: { KUBECONFIG: path }, file: null, foreign }, json);
			assert.deepStrictEqual(await codeOf(read), 'kubeconfig-foreign');
		}
		assert.deepStrictEqual(
			await codeOf(readKubeconfig({ env: { KUBECONFIG: link }, file: null, foreign: [] }, json)),
			'none',
		);
	});

	it('are refused by name where they cannot be read as what they should be', async () => {
		const path = join(folder, 'config');
		await writeFile(path, '{ "clusters": 7');
		assert.deepStrictEqual(
			await codeOf(readKubeconfig({ env: { KUBECONFIG: path }, file: null, foreign: [] }, json)),
			'kubeconfig-damaged',
		);
	});
});
