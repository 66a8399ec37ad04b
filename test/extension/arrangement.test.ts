import { deepStrictEqual } from 'node:assert/strict';
import type * as vscode from 'vscode';
import type { Session } from '../../src/core/model/session.js';
import { arrange } from '../../src/ui/tree/arrangement.js';
import type { ArrangementOptions, Group } from '../../src/ui/tree/arrangement.js';
import { groupNode } from '../../src/ui/tree/groupNodes.js';
import { OpenLines } from '../../src/ui/tree/openLines.js';
import type { SessionView } from '../../src/ui/tree/snapshot.js';
import { sessionStatus, sessionView } from '../support/sessionViews.js';

const here = (name: string, more: Partial<SessionView> = {}): SessionView =>
	sessionView({ id: `local/${name}`, name }, more);
const there = (scope: string, name: string, more: Partial<Session> = {}): SessionView =>
	sessionView({ id: `kubernetes/${scope}/${name}`, name, backend: 'kubernetes', scope, ...more });

const usual: ArrangementOptions = { grouping: 'place', order: 'name', filter: '' };
const names = (views: readonly SessionView[]): string[] => views.map(({ session }) => session.name);
const outline = (groups: readonly Group[]): unknown[] =>
	groups.map(({ path, what, groups: inner, views }) => [
		path,
		'name' in what ? what.name : what.kind,
		inner.length > 0 ? outline(inner) : names(views),
	]);

describe('the arrangement of sessions', () => {
	it('leaves sessions of one machine flat', () => {
		deepStrictEqual(arrange([here('beta'), here('alpha')], usual).groups, []);
		deepStrictEqual(names(arrange([here('beta'), here('alpha'), here('a10'), here('a9')], usual).views), [
			'a9',
			'a10',
			'alpha',
			'beta',
		]);
	});

	it('groups by context and namespace, and makes no group for one group alone', () => {
		const views = [
			there('prod/agents', 'b'),
			there('default/api:6443/kube:admin/agents', 'c'),
			there('prod/data', 'd'),
			here('a'),
		];
		deepStrictEqual(outline(arrange(views, usual).groups), [
			['local', 'machine', ['a']],
			['kubernetes/default/api:6443/kube:admin/agents', 'default/api:6443/kube:admin / agents', ['c']],
			[
				'kubernetes/prod/',
				'prod',
				[
					['kubernetes/prod/agents', 'agents', ['b']],
					['kubernetes/prod/data', 'data', ['d']],
				],
			],
		]);
	});

	it('groups by state, or not at all', () => {
		const views = [there('prod/agents', 'b', { state: 'stopped' }), here('a'), there('prod/agents', 'c')];
		deepStrictEqual(outline(arrange(views, { ...usual, grouping: 'state' }).groups), [
			['state/running', 'state', ['a', 'c']],
			['state/stopped', 'state', ['b']],
		]);
		deepStrictEqual(names(arrange(views, { ...usual, grouping: 'none' }).views), ['a', 'b', 'c']);
	});

	it('sorts by what needs a person, and by when something new was seen', () => {
		const exposure = (oldestSeconds: number): Partial<SessionView> => ({
			status: sessionStatus({ exposure: { oldestSeconds, commits: 1, files: 0 } }),
		});
		const seen = (time: string): Partial<SessionView> => ({ last: { branch: null, seen: time } });
		const views = [
			here('home', seen('2026-01-02T00:00:00Z')),
			here('young', exposure(60)),
			here('unknown', { status: null, ...seen('2026-01-03T00:00:00Z') }),
			here('old', exposure(3600)),
		];
		deepStrictEqual(names(arrange(views, { ...usual, order: 'attention' }).views), ['old', 'young', 'unknown', 'home']);
		deepStrictEqual(names(arrange(views, { ...usual, order: 'activity' }).views), ['unknown', 'home', 'old', 'young']);
	});

	it('filters by name, agent, branch and state, and counts what it hides', () => {
		const views = [
			here('Login'),
			there('prod/agents', 'b', { agent: 'gemini' }),
			here('c', { last: { branch: 'fix/login-loop', seen: null } }),
			there('prod/agents', 'd', { state: 'stopped' }),
		];
		const filtered = (filter: string): unknown[] => {
			const { views: shown, hidden } = arrange(views, { grouping: 'none', order: 'name', filter });
			return [names(shown), hidden];
		};
		deepStrictEqual(['login', ' GEMINI ', 'stop', 'nothing', ''].map(filtered), [
			[['c', 'Login'], 2],
			[['b'], 3],
			[['d'], 3],
			[[], 4],
			[['b', 'c', 'd', 'Login'], 0],
		]);
	});

	it('says on a group what is in it, the worst by its colour', () => {
		const views = [
			here('a', { status: sessionStatus({ exposure: { oldestSeconds: 9, commits: 1, files: 0 } }) }),
			here('b', { status: null }),
			here('c'),
		];
		const group = (some: readonly SessionView[]): Group => ({
			path: 'local',
			what: { kind: 'machine' },
			groups: [],
			views: some,
		});
		const said = (some: readonly SessionView[]): unknown[] => {
			const { item } = groupNode(group(some), null, [], true);
			const { color } = item.iconPath as vscode.ThemeIcon;
			return [item.id, item.accessibilityInformation?.label, color?.id];
		};
		deepStrictEqual([views, views.slice(1), views.slice(2)].map(said), [
			['group:local', 'This Machine, 3 sessions, 1 not home, 1 unknown', 'charts.yellow'],
			['group:local', 'This Machine, 2 sessions, 1 unknown', undefined],
			['group:local', 'This Machine, 1 session, all home', 'charts.green'],
		]);
	});

	it('folds long lists at first, and stays with what it was at first', () => {
		const lines = new OpenLines();
		deepStrictEqual([lines.atFirst('a', 20), lines.atFirst('b', 21), lines.atFirst('a', 21)], [true, false, true]);
		lines.set('b', false);
		// Asked for what is below a line that a person has closed, it stays closed.
		deepStrictEqual([lines.shown('b'), lines.isOpen('b'), lines.isClosed('b')], [false, false, true]);
		deepStrictEqual([lines.shown('a'), lines.shown('a'), lines.isOpen('a')], [true, false, true]);
	});
});
