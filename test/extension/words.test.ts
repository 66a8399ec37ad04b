import { deepStrictEqual, strictEqual } from 'node:assert/strict';
import type { RefChange } from '../../src/core/model/plan.js';
import type { Session } from '../../src/core/model/session.js';
import { planAction, planConfirmation } from '../../src/ui/prompts/planText.js';
import { withoutIcons, withoutLinks } from '../../src/ui/prompts/plainText.js';
import { statusText } from '../../src/ui/status/statusText.js';
import { worstOf } from '../../src/ui/status/worst.js';
import type { SessionView, Snapshot } from '../../src/ui/tree/snapshot.js';
import { sessionNodes } from '../../src/ui/tree/nodes.js';
import { sessionWords } from '../../src/ui/tree/words.js';
import { session, sessionStatus as status, sessionView } from '../support/sessionViews.js';

const oid = 'a'.repeat(40);

const change = (parts: Partial<RefChange>): RefChange => ({
	ref: 'refs/heads/main',
	from: oid,
	to: oid,
	action: 'overwrite',
	source: 'main',
	worktree: null,
	gained: 0,
	lost: 0,
	lostCommits: [],
	...parts,
});

const view = (parts: Partial<SessionView> = {}): SessionView => sessionView({}, parts);

const exposed = view({ status: status({ exposure: { oldestSeconds: 1, commits: 1, files: 2 } }) });
const unknown = view({ status: status({ unknown: { reason: 'no answer', since: null } }) });

describe('words', () => {
	it('names the button by what it does', () => {
		deepStrictEqual(
			[
				[change({ lost: 3 })],
				[change({ lost: 1 }), change({ ref: 'refs/heads/other' })],
				[change({ ref: 'refs/heads/claude/alpha', from: null })],
				[change({ to: null })],
				[change({ action: 'fast-forward', gained: 2 })],
				[change({}), change({ ref: 'refs/heads/other' }), change({ action: 'keep' })],
				[change({ action: 'keep' })],
			].map((refs) => planAction({ refs })),
			[
				'Overwrite 3 Commits',
				'Overwrite 1 Commit',
				'Create Branch claude/alpha',
				'Remove Branch main',
				'Move Branch main',
				'Change 2 Branches',
				'Continue',
			],
		);
	});

	it('keeps the modal short, and counts what it leaves out', () => {
		const refs = Array.from({ length: 20 }, (_, index) => change({ ref: `refs/heads/b${index}`, gained: 1 }));
		const plan = { refs, warnings: [], findings: [] };
		const { detail } = planConfirmation({ title: 'Title', plan, root: '/home', wayBack: 'The way back.' });
		deepStrictEqual(detail.split('\n').slice(6), ['b6: gains 1 commit.', '… and 13 more', '', 'The way back.']);
	});

	it('never says that something unknown is clean', () => {
		const snapshot = (sessions: readonly SessionView[], error: unknown = null): Snapshot => ({
			state: 'ready',
			root: '/home',
			sessions,
			listed: [],
			lookedAt: 0,
			error,
			problems: [],
		});
		deepStrictEqual(
			[
				snapshot([view()]),
				snapshot([view(), exposed, unknown]),
				snapshot([view({ status: null })]),
				snapshot([view(), exposed], new Error('no answer')),
				{ ...snapshot([view()]), problems: [new Error('no cluster')] },
				{ ...snapshot([]), state: 'failed' as const },
				{ ...snapshot([]), state: 'noSessions' as const },
			].map((one) => statusText(one, worstOf(one, 1000), 1000)?.text ?? null),
			[
				'$(home) all home',
				'$(home) 1 not home, 1 unknown · under 1 min',
				'$(home) 1 unknown',
				'$(home) 2 unknown',
				'$(home) cluster unknown',
				'$(home) unknown',
				null,
			],
		);
		strictEqual(sessionWords(unknown), 'unknown, nothing home yet');
	});

	it('says in which pod a session is, and whether its volume outlives that; what is stopped and unknown has no fold', () => {
		const place = { pod: 'paude-alpha-0', restarts: 2, claim: 'workspace-alpha', storageClass: 'gp3' };
		const lines = (parts: Partial<Session>): string[] =>
			sessionNodes(sessionView(parts, { status: null })).map(
				({ item }) => `${item.label as string}: ${item.description as string} (${item.collapsibleState ?? 0})`,
			);
		deepStrictEqual(
			[
				...lines({ place }).slice(1),
				...lines({ place: { ...place, restarts: 0, claim: null, storageClass: null } }).slice(1),
				...lines({ state: 'stopped' }),
				...lines({}),
			],
			[
				'Pod: paude-alpha-0 · restarted 2 times (0)',
				'Volume: workspace-alpha · gp3 (0)',
				'Epoch: 1 (0)',
				'Pod: paude-alpha-0 · never restarted (0)',
				'Volume: none: all that is not home goes with the pod (0)',
				'Epoch: 1 (0)',
				'alpha: stopped · unknown, nothing home yet (0)',
				'alpha: not looked at yet (2)',
			],
		);
	});

	it('marks what was seen long ago, and lets no name of a session become a link or an icon', () => {
		const name = '[x](command:evil) $(error) <b>';
		const snapshot: Snapshot = {
			state: 'ready',
			root: '/home',
			sessions: [sessionView({ name }, {})],
			listed: [],
			lookedAt: 0,
			error: null,
			problems: [],
		};
		const now = 20 * 60_000;
		const shown = statusText(snapshot, worstOf(snapshot, now), now)!;
		const links = [...shown.tooltip.value.matchAll(/(?<!\\)\]\(command:([^)]*)/g)].map(([, id]) => id);
		deepStrictEqual(
			[shown.text, shown.spoken, links, shown.tooltip.supportThemeIcons ?? false, shown.tooltip.supportHtml ?? false],
			[
				'$(home) ~all home',
				'Homeport: all home, Looked at 20 min ago',
				['homeport.sync', 'homeport.refresh', 'homeport.showOverlap'],
				false,
				false,
			],
		);
	});

	it('says first what would be lost, how old it is, and how long ago something unknown was seen', () => {
		const rungs = { dirty: 0, committed: 1, captured: 0, home: 0, pushed: 0, verified: 0 };
		const exposedFor = (oldestSeconds: number): SessionView =>
			view({
				status: status({
					branches: [{ name: 'main', isHead: true, rungs }],
					exposure: { oldestSeconds, commits: 1, files: 3 },
				}),
			});
		const since = new Date(Date.now() - 50 * 3_600_000).toISOString();
		deepStrictEqual(
			[
				...[59, 840, 7200, 86_400, 1_000_000].map(exposedFor),
				view({ status: status({ exposure: { oldestSeconds: 0, commits: 0, files: 1 } }) }),
				view({
					session: session({ state: 'missing', reason: 'there is no folder' }),
					status: status({ unknown: { reason: 'no answer', since } }),
				}),
				view({ status: null }),
			].map(sessionWords),
			[
				'1 commit, 3 files only there · oldest under 1 min · main',
				'1 commit, 3 files only there · oldest 14 min · main',
				'1 commit, 3 files only there · oldest 2 h · main',
				'1 commit, 3 files only there · oldest 1 day · main',
				'1 commit, 3 files only there · oldest 11 days · main',
				'1 file only there',
				'missing · unknown, last seen 2 days ago',
				'not looked at yet',
			],
		);
	});

	it('names the commits that would be lost, and counts those that it does not', () => {
		const lostCommits = ['1', '2', '3', '4', '5'].map((one) => `abcdef${one} Commit ${one}`);
		const refs = [change({ gained: 1, lost: 9, lostCommits })];
		const plan = { refs, warnings: [], findings: [] };
		const { detail } = planConfirmation({ title: 'Title', plan, root: '/home', wayBack: 'The way back.' });
		deepStrictEqual(detail.split('\n').slice(1, -2), [
			'− abcdef1 Commit 1',
			'− abcdef2 Commit 2',
			'− abcdef3 Commit 3',
			'− abcdef4 Commit 4',
			'− and 5 commits more',
		]);
	});

	it('shows names of a session as text, never as an icon, a link or a control character', () => {
		const hostile = '$(bug) [x](command:y)\u202e\n';
		const [node] = sessionNodes(view({ session: session({ name: hostile }) }));
		deepStrictEqual(
			[node!.item.label, withoutIcons(hostile), withoutLinks(hostile)],
			['$(bug) [x](command:y)\ufffd\ufffd', '\\$(bug) [x](command:y)\u202e\n', '$(bug) [x] (command:y)\u202e\n'],
		);
	});
});
