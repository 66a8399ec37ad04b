import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import * as fc from 'fast-check';
import { isHomeportError } from '../../../src/core/base/errors.js';
import type { Plan } from '../../../src/core/model/plan.js';
import { describedFindingCodes, describedWarningCodes, warningText } from '../../../src/core/model/words.js';
import { makePlan } from '../../../src/core/sync/plan.js';
import { afterwards, clash, factsOver, scenes } from '../../support/planFacts.js';
import type { Scene } from '../../support/planFacts.js';

describe('every plan', function () {
	this.timeout(30_000);
	const documented = documentedWarnings();

	/** The plan, or null for a request that is refused as such. */
	function planOf({ facts, request }: Scene): Plan | null {
		try {
			return makePlan(facts, request);
		} catch (error) {
			assert.ok(isHomeportError(error, 'usage'));
			return null;
		}
	}

	function everyScene(seed: number, check: (scene: Scene, plan: Plan) => void, numRuns = 1500): void {
		fc.assert(
			fc.property(scenes, (scene) => {
				const plan = planOf(scene);
				if (plan !== null) {
					check(scene, plan);
				}
			}),
			{ seed, numRuns },
		);
	}

	it('takes no commit and touches no busy or foreign tree without asking', () => {
		let moved = 0;
		everyScene(
			1,
			({ history, facts }, plan) => {
				const home = afterwards(facts, plan.refs);
				const asks = new Set(plan.warnings.filter(({ level }) => level === 'ask').map(({ code }) => code));
				for (const [name, { oid }] of facts.home.branches) {
					const to = home.get(name)!;
					const loses = [...history.get(oid)!].some((commit) => !history.get(to)!.has(commit));
					assert.ok(!loses || asks.has('overwrites-commits'), `${name} loses commits`);
					const trees = facts.home.worktrees.filter(({ branch }) => branch === name);
					if (to !== oid && (trees.length > 0 || facts.home.branches.get(name)!.worktree !== null)) {
						moved += 1;
						const source = facts.session.branches.find((branch) => branch.oid === to && branch.inTheWay.has(name));
						assert.deepStrictEqual(source?.inTheWay.get(name), []);
						assert.deepStrictEqual(
							trees.map(({ inProgress }) => inProgress),
							[null],
						);
						assert.ok(trees[0]!.path === facts.home.here || asks.has('checked-out-elsewhere'));
						assert.ok(!loses || trees[0]!.path !== facts.home.here || asks.has('moves-checked-out-branch'));
						assert.ok(facts.findings.length === 0 || asks.has('runs-code'));
					}
				}
				assert.ok(!plan.refs.some(({ to }) => to === null));
			},
			5000,
		);
		assert.ok(moved > 50, `${moved} moves of checked-out branches are too few to tell`);
	});

	it('names each ref once, and none that another is in the way of', () => {
		everyScene(2, ({ facts }, plan) => {
			const names = plan.refs.map((change) => change.ref);
			assert.deepStrictEqual(names, [...new Set(names)]);
			const created = plan.refs.filter(({ action }) => action === 'create').map((change) => change.ref);
			for (const name of created) {
				for (const other of [...facts.home.branches.keys(), ...created]) {
					assert.ok(other === name || !clash(name, other, facts.home.ignoreCase), `${name} beside ${other}`);
				}
			}
			assert.ok(!plan.warnings.some(({ code, level }) => code === 'name-clash' && level === 'ask'));
		});
	});

	it('says of each ref what is true', () => {
		everyScene(3, ({ facts, history }, plan) => {
			for (const change of plan.refs) {
				const current = facts.home.branches.get(change.ref)?.oid ?? null;
				const [before, after] = [history.get(change.from ?? ''), history.get(change.to ?? '')];
				const lost = [...(before ?? [])].filter((oid) => !after!.has(oid)).length;
				assert.equal(change.from, current);
				assert.equal(change.lost, lost);
				assert.equal(change.action === 'keep', change.from === change.to);
				assert.equal(change.action === 'create', current === null);
				assert.equal(change.action === 'overwrite', lost > 0);
				if (before !== undefined) {
					assert.equal(change.gained, [...after!].filter((oid) => !before.has(oid)).length);
				}
			}
		});
	});

	it('of strategy branch brings every commit to a branch, and finds nothing to do when made again', () => {
		everyScene(4, (scene, plan) => {
			const { facts, history, request } = scene;
			const blocked = facts.findings.some(({ level }) => level === 'block');
			if (request.strategy !== 'branch' || blocked || facts.session.worktreeOfHome) {
				return;
			}
			const chosen = facts.session.branches.filter(({ name }) => request.from === null || name === request.from);
			const homeTips = [...afterwards(facts, plan.refs).values()];
			for (const { oid, name, isHead } of chosen) {
				const change = plan.refs.find((change) => change.source === name);
				assert.ok(homeTips.some((tip) => history.get(tip)!.has(oid)));
				assert.ok(change === undefined ? !isHead && request.from === null : history.get(change.to!)!.has(oid));
			}
			assert.ok(
				plan.warnings.every(
					({ level, code }) => level === 'note' || ['checked-out-elsewhere', 'runs-code'].includes(code),
				),
			);
			const again = makePlan(factsOver(scene, afterwards(facts, plan.refs)), request);
			const kept = again.refs.map(({ action, ref }) => `${action} ${ref}`);
			assert.deepStrictEqual(kept.sort(), plan.refs.map(({ ref }) => `keep ${ref}`).sort());
		});
	});

	it('is the same for the same facts, in whatever order they come', () => {
		const sorted = (plan: Plan): unknown => [
			plan.refs.map((change) => JSON.stringify(change)).sort(),
			plan.warnings.map((warning) => JSON.stringify(warning)).sort(),
		];
		everyScene(5, (scene, plan) => {
			const { facts, request } = scene;
			const turned = {
				...facts,
				session: { ...facts.session, branches: [...facts.session.branches].reverse() },
				home: { ...facts.home, branches: new Map([...facts.home.branches].reverse()) },
			};
			assert.deepStrictEqual(makePlan(facts, request), plan);
			if (plan.warnings.every(({ code }) => code !== 'runs-code')) {
				assert.deepStrictEqual(sorted(makePlan(turned, request)), sorted(plan));
			}
		});
	});

	it('warns with codes, levels and words that are documented', () => {
		const seen = new Set<string>();
		everyScene(6, (_, plan) => {
			for (const warning of plan.warnings) {
				seen.add(warning.code);
				assert.ok(documented.get(warning.code)?.includes(warning.level), `${warning.code} as ${warning.level}`);
				assert.doesNotMatch(warningText(warning, 'cli'), /undefined|NaN|\[object|\p{Cc}/u);
			}
		});
		assert.ok(seen.size >= 10, [...seen].join(' '));
	});
});

describe('docs/warnings.md', () => {
	it('tells of every warning code and every finding code, and of no other', () => {
		assert.deepStrictEqual([...documentedWarnings().keys()].sort(), [...describedWarningCodes].sort());
		assert.deepStrictEqual([...documentedCodes('Findings').keys()].sort(), [...describedFindingCodes].sort());
	});
});

function documentedWarnings(): Map<string, string> {
	return documentedCodes('Warnings');
}

/** The second column of the table under a heading, by the code in the first. */
function documentedCodes(heading: string): Map<string, string> {
	const text = readFileSync('docs/warnings.md', 'utf8');
	const section = text.split(/^## /m).find((part) => part.startsWith(heading)) ?? '';
	const rows = [...section.matchAll(/^\| `([a-z-]+)` \|([^|]*)\|/gm)];
	return new Map(rows.map((row) => [row[1]!, row[2]!]));
}
