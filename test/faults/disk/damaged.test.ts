import { strict as assert } from 'node:assert';
import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, truncateSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { type ErrorCode, isHomeportError } from '../../../src/core/base/errors.js';
import { describeError } from '../../../src/core/base/messages.js';
import { openHome } from '../../../src/core/homeport.js';
import { type EngineFixture, engineFixture } from '../../support/engineFixture.js';
import { acceptAll, doOperation, requestOf } from '../../support/killer.js';

const ledger = 'refs/homeport/ledger/local/alpha';
const log = 'refs/homeport/operations';

describe('damaged state of home', function () {
	this.timeout(60_000);
	let fixture: EngineFixture;
	beforeEach(async () => {
		fixture = await engineFixture();
		await fixture.commit(fixture.session, 'A1', { 'base.txt': 'theirs\n' });
		await fixture.add('alpha', fixture.session);
		await fixture.sync('alpha');
		await fixture.commit(fixture.session, 'A2', { 'more.txt': 'more\n' });
		await fixture.write(fixture.home, { 'shared.txt': 'mine\n' });
	});
	afterEach(() => fixture.dispose());

	/** Each call's error code, with words for it; or what it returned. */
	async function told(...calls: readonly (() => Promise<unknown>)[]): Promise<string[]> {
		const codes: string[] = [];
		for (const call of calls) {
			codes.push(
				await call().then(
					(value) => `returned ${JSON.stringify(value)}`,
					(error: unknown) =>
						isHomeportError(error) && describeError(error, 'cli').message.length > 20 ? error.code : String(error),
				),
			);
		}
		return codes;
	}
	const rescue = (): Promise<void> => doOperation(fixture.homeport, { name: 'rescue', session: fixture.session });
	const sync = (): Promise<void> => doOperation(fixture.homeport, { name: 'create', session: fixture.session });
	const undo = (): Promise<unknown> => fixture.homeport.undo(null, { accepted: [] });
	const inGit = (path: string): string => join(fixture.home, '.git', path);
	const mine = async (): Promise<object> => ({
		refs: await fixture.git(fixture.home, 'for-each-ref', 'refs/heads', 'refs/tags'),
		files: readFileSync(join(fixture.home, 'shared.txt'), 'utf8'),
	});
	/** A commit of the right ref and of the wrong content. */
	const garbage = async (ref: string): Promise<void> => {
		await fixture.git(fixture.home, 'update-ref', ref, 'HEAD');
	};
	const truncated = async (ref: string): Promise<void> => {
		const oid = await fixture.git(fixture.home, 'rev-parse', ref);
		const path = inGit(`objects/${oid.slice(0, 2)}/${oid.slice(2)}`);
		chmodSync(path, 0o644);
		truncateSync(path, 20);
	};
	const word = async (ref: string): Promise<void> => writeFileSync(inGit(ref), 'no object id\n');
	const empty = async (ref: string): Promise<void> => writeFileSync(inGit(ref), '');

	for (const [what, damage] of [
		['a commit that is no entry', garbage],
		['an entry cut off', truncated],
		['words', word],
		['nothing', empty],
	] as const) {
		it(`says so where the ref of a ledger holds ${what}, and leaves it`, async () => {
			const before = await mine();
			await damage(ledger);
			const ref = readFileSync(inGit(ledger), 'utf8');
			const id = 'local/alpha';
			const codes = await told(
				rescue,
				sync,
				() => fixture.homeport.ledger(id),
				() => fixture.homeport.forget(id, {}, 'alpha'),
			);
			const damaged: ErrorCode = 'state-damaged';
			assert.deepStrictEqual(
				{ codes, ref: readFileSync(inGit(ledger), 'utf8'), mine: await mine() },
				{ codes: [damaged, damaged, damaged, damaged], ref, mine: before },
			);
		});

		it(`says so where the ref of the operation log holds ${what}, and leaves it`, async () => {
			const before = await mine();
			await damage(log);
			const ref = readFileSync(inGit(log), 'utf8');
			const codes = await told(sync, undo, () => fixture.homeport.operations());
			const damaged: ErrorCode = 'state-damaged';
			assert.deepStrictEqual(
				{ codes, ref: readFileSync(inGit(log), 'utf8'), mine: await mine() },
				{ codes: [damaged, damaged, damaged], ref, mine: before },
			);
		});
	}

	for (const [what, text] of [
		['no JSON', '{"sessions": ['],
		['another shape', '{"sessions": 1}'],
	] as const) {
		it(`sets a registry aside that holds ${what}`, async () => {
			const path = join(fixture.folder, 'user/config/homeport/sessions.json');
			writeFileSync(path, text);
			const codes = await told(() => fixture.homeport.list());
			assert.deepStrictEqual({ codes, aside: setAside(path) }, { codes: ['state-damaged'], aside: [text] });
		});

		it(`keeps a configuration that holds ${what}, and stops`, async () => {
			const path = join(fixture.home, '.claude/sync/sync-config.json');
			const damaged = text.replace('sessions', 'homeport');
			writeFileSync(path, damaged);
			const before = await mine();
			const codes = await told(sync, rescue, undo);
			assert.deepStrictEqual(
				{ codes, text: readFileSync(path, 'utf8'), mine: await mine() },
				{ codes: ['state-damaged', 'state-damaged', 'state-damaged'], text: damaged, mine: before },
			);
		});
	}

	it('sets a manifest aside that is damaged, says so, and syncs', async () => {
		const path = join(fixture.folder, 'user/.paude/sync-manifest.json');
		mkdirSync(dirname(path), { recursive: true });
		writeFileSync(path, '{"/home": [');
		const lines: string[] = [];
		const logger = { log: (level: string, text: string): void => void lines.push(`${level} ${text}`) };
		const homeport = await openHome({ repo: fixture.home, env: fixture.env, logger });
		const { outcome } = await homeport.sync(await homeport.find('alpha'), requestOf('create'), acceptAll);
		assert.deepStrictEqual(
			{ outcome, said: lines.some((line) => /^warn.*manifest.*state-damaged/.test(line)), aside: setAside(path) },
			{ outcome: 'synced', said: true, aside: ['{"/home": ['] },
		);
	});

	for (const [what, bytes] of [
		['words', Buffer.from('no index\n')],
		['half of itself', null],
	] as const) {
		it(`rescues and goes no further where the index of home holds ${what}`, async () => {
			const path = inGit('index');
			const damaged = bytes ?? readFileSync(path).subarray(0, 100);
			writeFileSync(path, damaged);
			const before = await mine();
			const codes = await told(rescue, () =>
				doOperation(fixture.homeport, { name: 'overwrite', session: fixture.session }),
			);
			assert.deepStrictEqual(
				{ codes, index: readFileSync(path).equals(damaged), mine: await mine() },
				{ codes: ['returned undefined', 'state-damaged'], index: true, mine: before },
			);
		});
	}

	for (const [what, text] of [
		['nothing', ''],
		['words', 'no head\n'],
	] as const) {
		it(`says that home cannot be opened where its HEAD holds ${what}`, async () => {
			writeFileSync(inGit('HEAD'), text);
			const codes = await told(() => openHome({ repo: fixture.home, env: fixture.env }), sync, undo);
			assert.deepStrictEqual(
				{
					opened: codes[0],
					failed: codes.map((code) => code.startsWith('returned')),
					head: readFileSync(inGit('HEAD'), 'utf8'),
				},
				{ opened: 'not-a-repository', failed: [false, false, false], head: text },
			);
		});
	}
});

function setAside(path: string): string[] {
	assert.ok(existsSync(dirname(path)));
	return readdirSync(dirname(path))
		.filter((name) => name.startsWith(`${path.split('/').at(-1)!}.damaged-`))
		.map((name) => readFileSync(join(dirname(path), name), 'utf8'));
}
