import assert from 'node:assert/strict';
import { mkdtemp, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { HomeportError } from '../../../src/core/base/errors.js';
import { loadConfig, podSelectorsOf } from '../../../src/core/config/config.js';
import { defaultLimits } from '../../../src/core/config/limits.js';

describe('the configuration', () => {
	let folder: string;

	beforeEach(async () => {
		folder = await mkdtemp(join(tmpdir(), 'homeport-config-'));
	});

	afterEach(async () => {
		await rm(folder, { recursive: true, force: true });
	});

	const put = (config: unknown): Promise<void> =>
		writeFile(join(folder, 'sync-config.json'), typeof config === 'string' ? config : JSON.stringify(config));

	async function reason(config: unknown): Promise<unknown> {
		await put(config);
		const error: unknown = await loadConfig(folder).catch((reason: unknown) => reason);
		assert.ok(error instanceof HomeportError, String(error));
		return [error.code, error.details['reason'], error.details['setAside']];
	}

	it('has a value for everything where there is no file', async () => {
		const { limits, ...config } = await loadConfig(join(folder, 'none'));
		assert.deepStrictEqual(config, {
			headTemplate: '{agent}/{session}',
			otherTemplate: '{agent}/{session}-{branch}',
			sessionTemplate: '{branch}',
			protectedBranches: ['main', 'master', 'release', 'release-*', 'release/*'],
			captureIgnored: [],
			captureCredentials: [],
			podSelectors: [],
			maxFileBytes: 536_870_912,
			maxTotalBytes: 4_294_967_296,
			file: {
				auto_sync: { enabled: false, interval_minutes: 60, sync_on_startup: false, sync_on_exit: true },
				conflict_resolution: { strategy: 'manual', auto_commit_threshold: 10 },
				filters: { exclude_patterns: [] },
				monitoring: { max_file_changes_before_sync: 50, min_time_between_syncs: 300, alert_on_sync_failure: true },
				homeport: {
					branches: {
						template: '{agent}/{session}',
						otherTemplate: '{agent}/{session}-{branch}',
						sessionTemplate: '{branch}',
						protected: ['main', 'master', 'release', 'release-*', 'release/*'],
					},
					capture: { ignored: [], credentials: [], maxFileBytes: 536_870_912, maxTotalBytes: 4_294_967_296 },
					kubernetes: { selectors: [] },
					limits: {},
				},
			},
		});
		assert.deepStrictEqual({ ...limits, ...defaultLimits }, limits);
	});

	it('takes what the file says, keeps unknown keys, and fills in the rest', async () => {
		await put({
			auto_sync: { enabled: true, more: 1 },
			theirs: { a: [1] },
			__proto__: {},
			homeport: {
				branches: { template: 'agents/{session}', protected: [] },
				capture: { ignored: ['notes/', ':(glob)**/*.log'], maxFileBytes: 10 },
				kubernetes: {
					selectors: [
						{ labels: 'app=data', path: '/app/data' },
						{ labels: 'a', container: 'b' },
					],
				},
				limits: { objects: 7, refs: 8, unknown: 9, ignoreCase: 1, constructor: 2 },
			},
		});
		const { limits, file, ...config } = await loadConfig(folder);
		assert.deepStrictEqual(
			[
				config,
				[limits.objects, limits.refs, limits.ignoreCase, limits.treeEntries, Object.hasOwn(limits, 'unknown')],
				file.auto_sync,
				file['theirs'],
			],
			[
				{
					headTemplate: 'agents/{session}',
					otherTemplate: '{agent}/{session}-{branch}',
					sessionTemplate: '{branch}',
					protectedBranches: [],
					captureIgnored: ['notes/', ':(glob)**/*.log'],
					captureCredentials: [],
					podSelectors: [
						{ labels: 'app=data', container: null, path: '/app/data' },
						{ labels: 'a', container: 'b', path: '/pvc/workspace' },
					],
					maxFileBytes: 10,
					maxTotalBytes: 4_294_967_296,
				},
				[7, 8, false, defaultLimits.treeEntries, false],
				{ enabled: true, interval_minutes: 60, sync_on_startup: false, sync_on_exit: true, more: 1 },
				{ a: [1] },
			],
		);
	});

	it('names the key whose value cannot be', async () => {
		const reasons = [
			await reason({ auto_sync: { interval_minutes: '60' } }),
			await reason({ conflict_resolution: { strategy: 'theirs' } }),
			await reason({ homeport: { branches: { template: 1 } } }),
			await reason({ homeport: { branches: { template: 'a\nb' } } }),
			await reason({ homeport: { branches: { otherTemplate: '{session}' } } }),
			await reason({ homeport: { capture: { ignored: ['a', 2] } } }),
			await reason({ homeport: { capture: { maxFileBytes: 1.5 } } }),
			await reason({ homeport: { kubernetes: { selectors: [{ labels: 'a', path: 'data' }] } } }),
			await reason({ homeport: { limits: { objects: 'many' } } }),
			await reason('{"homeport":{"limits":{"objects":1e999}}}'),
			await reason({ homeport: null }),
			await reason([]),
		];
		assert.deepStrictEqual(
			reasons,
			[
				'auto_sync.interval_minutes must be of type number',
				'conflict_resolution.strategy must be one of manual, auto-ours, auto-theirs',
				'homeport.branches.template must be of type string',
				'homeport.branches.template: must be one line of text',
				'homeport.branches.otherTemplate: must hold {branch}',
				'homeport.capture.ignored.1 must be of type string',
				'homeport.capture.maxFileBytes must be of type int',
				'homeport.kubernetes.selectors.0.path: must be absolute',
				'homeport.limits.objects must be of type number',
				'homeport.limits.objects must be of type number',
				'homeport must be of type object',
				'the file must be of type object',
			].map((text) => ['state-damaged', text, null]),
		);
	});

	it('is never taken for empty when cut at any byte, and stays for its writer to mend', async () => {
		const whole = JSON.stringify({ auto_sync: { enabled: true }, homeport: { branches: { protected: ['main'] } } });
		for (let length = 0; length < whole.length; length++) {
			const cut = whole.slice(0, length);
			assert.deepStrictEqual(await reason(cut), ['state-damaged', 'it is no JSON', null]);
			assert.strictEqual(await readFile(join(folder, 'sync-config.json'), 'utf8'), cut);
		}
		assert.deepStrictEqual(await readdir(folder), ['sync-config.json']);
	});

	it('takes selectors of a setting in the same form, and says what is wrong where they are of another', () => {
		assert.deepStrictEqual(podSelectorsOf([{ labels: 'a=b' }, { labels: 'c', container: 'app', path: '/data' }]), [
			{ labels: 'a=b', container: null, path: '/pvc/workspace' },
			{ labels: 'c', container: 'app', path: '/data' },
		]);
		for (const [value, what] of [
			['a=b', 'The setting homeport.kubernetes.selectors must be of type array'],
			[[{ labels: 'a', path: 'data' }], 'The setting homeport.kubernetes.selectors.0.path: must be absolute'],
		] as const) {
			assert.throws(
				() => podSelectorsOf(value),
				(error: HomeportError) => error.code === 'usage' && error.details['what'] === what,
			);
		}
	});
});
