import {
	baseLine,
	chmod,
	type Edit,
	edited,
	inBlock,
	insert,
	type ModelCommit,
	next,
	put,
	remove,
	rename,
	replace,
	rework,
	root,
	set,
	type Slot,
	slotsOfFile,
	textFiles,
	touchNext,
} from './contentCorpus.js';
import { seededRandom } from './model/random.js';

/** A home, the tip of a session, and how many of the session's commits are in home by content. */
export interface Scenario {
	readonly refs: Readonly<Record<string, ModelCommit>>;
	readonly tip: ModelCommit;
	readonly commits: number;
	readonly there: number;
}

/** What a scenario is made with: numbers, places and texts that no other part of it has. */
class Maker {
	readonly #random: () => number;
	#slots: Slot[];
	#texts = 0;

	constructor(seed: number) {
		this.#random = seededRandom(seed);
		this.#slots = Array.from({ length: textFiles * slotsOfFile }, (_, slot) => slot)
			.map((slot) => [this.#random(), slot] as const)
			.sort(([a], [b]) => a - b)
			.map(([, slot]) => slot);
	}

	number(from: number, to: number): number {
		return from + Math.floor(this.#random() * (to - from + 1));
	}

	slot(): Slot {
		return this.#slots.pop()!;
	}

	/** Two places of one file. */
	pair(): [Slot, Slot] {
		const fileOf = (slot: Slot): number => Math.floor(slot / slotsOfFile);
		const one = this.#slots.find((slot) =>
			this.#slots.some((other) => other !== slot && fileOf(other) === fileOf(slot)),
		)!;
		const other = this.#slots.find((slot) => slot !== one && fileOf(slot) === fileOf(one))!;
		this.#slots = this.#slots.filter((slot) => slot !== one && slot !== other);
		return [one, other];
	}

	text(who: string): string {
		return `${who} wrote ${(this.#texts += 1)}`;
	}

	lines(who: string, count: number): string[] {
		return Array.from({ length: count }, () => this.text(who));
	}

	/** A change of a place that nobody else changes. */
	edit(who: string): Edit {
		const kind = this.number(0, 5);
		if (kind < 3) {
			return replace(this.slot(), ...this.lines(who, this.number(1, 3)));
		}
		return kind < 5
			? insert(this.slot(), ...this.lines(who, this.number(1, 6)))
			: put(`src/${this.text(who)}.txt`, `${this.lines(who, this.number(1, 9)).join('\n')}\n`);
	}

	/** The changes of some commits. */
	work(who: string, count: number): Edit[][] {
		return Array.from({ length: count }, () => Array.from({ length: this.number(1, 2) }, () => this.edit(who)));
	}

	/** Some commits of home's own on top of another. */
	moveOn(from: ModelCommit, least = 0): ModelCommit {
		return chain(from, 'main', this.work('main', this.number(least, 2)));
	}
}

function chain(from: ModelCommit, who: string, work: readonly (readonly Edit[])[]): ModelCommit {
	return work.reduce((tip, edits, index) => next(tip, `${who} ${index + 1}`, ...edits), from);
}

const main = 'refs/heads/main';
const session = (work: readonly (readonly Edit[])[], from = root): ModelCommit => chain(from, 'session', work);
const inMain = (target: ModelCommit, tip: ModelCommit, commits: number, there: number): Scenario => ({
	refs: { [main]: target },
	tip,
	commits,
	there,
});

/** One commit with all of this work, on a main that moved on before and moves on after. */
function squashOf(maker: Maker, work: readonly (readonly Edit[])[], ...more: readonly Edit[]): ModelCommit {
	return maker.moveOn(next(maker.moveOn(root), 'squash', ...work.flat(), ...more));
}

const special = (maker: Maker): Edit[][] => [
	[put('data/picture.bin', `\0\x03${maker.text('session')}\xfe`)],
	[chmod('run.sh')],
	[rename('data/old.txt', 'data/new.txt')],
	[put('link', 'run.sh', '120000'), put('caf\xc3\xa9 "odd"\t.txt', 'odd\n')],
	[remove('src/blocks.txt')],
];

type Make = (maker: Maker) => Scenario;

/** Histories in which all or some of the work came to home, in ways that keep no commit of it. */
export const merged: Readonly<Record<string, Make>> = {
	squashed: (maker) => {
		const work = maker.work('session', maker.number(1, 5));
		return inMain(squashOf(maker, work), session(work), work.length, work.length);
	},
	'squashed, with a change beside': (maker) => {
		const work = maker.work('session', maker.number(1, 4));
		return inMain(squashOf(maker, work, maker.edit('main')), session(work), work.length, work.length);
	},
	'squashed in two pieces': (maker) => {
		const work = maker.work('session', 4);
		const first = squashOf(maker, work.slice(0, 2));
		const target = maker.moveOn(next(first, 'squash 2', ...work.slice(2).flat()));
		return inMain(target, session(work), 4, 4);
	},
	'squashed, then worked over': (maker) => {
		const slot = maker.slot();
		const lines = maker.lines('session', 8);
		const work = [...maker.work('session', maker.number(0, 3)), [insert(slot, ...lines)]];
		const over = next(squashOf(maker, work), 'work over', rework(slot, lines[maker.number(0, 7)]!, maker.text('main')));
		return inMain(maker.moveOn(over), session(work), work.length, work.length);
	},
	'squashed, then one line of its own worked over': (maker) => {
		const slot = maker.slot();
		const line = maker.text('session');
		const work = [...maker.work('session', maker.number(0, 3)), [replace(slot, line)]];
		const over = next(squashOf(maker, work), 'work over', rework(slot, line, maker.text('main')));
		return inMain(maker.moveOn(over), session(work), work.length, work.length);
	},
	'squashed, and the session went on': (maker) => {
		const work = maker.work('session', maker.number(2, 5));
		const squashed = maker.number(1, work.length - 1);
		return inMain(squashOf(maker, work.slice(0, squashed)), session(work), work.length, squashed);
	},
	'squashed after the session merged main': (maker) => {
		const [first, second] = [maker.work('session', maker.number(1, 2)), maker.work('session', maker.number(1, 2))];
		const fork = maker.moveOn(root, 1);
		const before = session(first);
		const joined = { state: edited(fork.state, ...first.flat()), parents: [before, fork], message: 'merge main' };
		const squash = next(maker.moveOn(fork), 'squash', ...first.flat(), ...second.flat());
		const count = first.length + second.length + 1;
		return inMain(maker.moveOn(squash), session(second, joined), count, count);
	},
	'squashed, and the session merged that': (maker) => {
		const [first, second] = [maker.work('session', maker.number(1, 3)), maker.work('session', maker.number(1, 2))];
		const squash = next(maker.moveOn(root), 'squash', ...first.flat());
		const joined = { state: squash.state, parents: [session(first), squash], message: 'merge main' };
		const count = first.length + 1;
		return inMain(maker.moveOn(squash), session(second, joined), count + second.length, count);
	},
	'squashed, binary, modes, renames and links': (maker) => {
		const work = special(maker);
		return inMain(squashOf(maker, work), session(work), work.length, work.length);
	},
	'squashed, a line written twice': (maker) => {
		const slot = maker.slot();
		const line = maker.text('session');
		const work = [[replace(slot, line)], [rework(slot, line, ...maker.lines('session', 2))], [maker.edit('session')]];
		return inMain(squashOf(maker, work), session(work), 3, 3);
	},
	'squashed, a file made and removed': (maker) => {
		const work = [[put('tmp.txt', 'tmp\n')], [remove('tmp.txt')], [maker.edit('session')]];
		return inMain(squashOf(maker, work), session(work), 3, 3);
	},
	'squashed, an empty commit among them': (maker) => {
		const work = [...maker.work('session', 2), []];
		return inMain(squashOf(maker, work), session(work), 3, 3);
	},
	'squashed, reverted and landed again': (maker) => {
		const work = maker.work('session', maker.number(1, 3));
		const before = maker.moveOn(root);
		const squash = next(before, 'squash', ...work.flat());
		const again = set(set(squash, 'revert', before.state), 'again', squash.state);
		return inMain(maker.moveOn(again), session(work), work.length, work.length);
	},
	'squashed on a main that renamed a file': (maker) => {
		const slot = maker.slot();
		const work = [[replace(slot, ...maker.lines('session', 2))]];
		const tip = session(work);
		const path = [...tip.state].find(([name, file]) => root.state.get(name)?.text !== file.text)![0];
		const target = next(next(maker.moveOn(root), 'squash', ...work.flat()), 'move', rename(path, 'moved.txt'));
		return inMain(target, tip, 1, 1);
	},
	'cherry-picked': (maker) => {
		const work = maker.work('session', maker.number(1, 5));
		return inMain(maker.moveOn(chain(maker.moveOn(root), 'picked', work)), session(work), work.length, work.length);
	},
	'cherry-picked, in another order': (maker) => {
		const work = maker.work('session', maker.number(2, 4));
		const target = maker.moveOn(chain(maker.moveOn(root), 'picked', [...work].reverse()));
		return inMain(target, session(work), work.length, work.length);
	},
	'cherry-picked, some of them': (maker) => {
		const work = maker.work('session', maker.number(2, 5));
		const some = work.filter((_, index) => index % 2 === 0);
		return inMain(maker.moveOn(chain(maker.moveOn(root), 'picked', some)), session(work), work.length, some.length);
	},
	'cherry-picked, then worked over': (maker) => {
		const slot = maker.slot();
		const lines = maker.lines('session', 6);
		const work = [[insert(slot, ...lines)], ...maker.work('session', maker.number(1, 2))];
		const picked = chain(maker.moveOn(root), 'picked', work);
		const over = next(picked, 'work over', rework(slot, lines[2]!, ...maker.lines('main', 2)));
		return inMain(maker.moveOn(over), session(work), work.length, work.length);
	},
	'cherry-picked to a branch that was merged': (maker) => {
		const work = maker.work('session', maker.number(1, 3));
		const before = maker.moveOn(root);
		const side = chain(before, 'picked', work);
		const own = [maker.edit('main')];
		const ours = next(before, 'main', ...own);
		const both = { state: edited(side.state, ...own), parents: [ours, side], message: 'merge side' };
		return inMain(maker.moveOn(both), session(work), work.length, work.length);
	},
	rebased: (maker) => {
		const work = maker.work('session', maker.number(1, 5));
		return inMain(chain(maker.moveOn(root, 1), 'session', work), session(work), work.length, work.length);
	},
	amended: (maker) => {
		const work = maker.work('session', maker.number(1, 3));
		const last = session(work);
		const amended = set(last.parents[0]!, 'a better message', last.state);
		return inMain(maker.moveOn(amended), last, 1, 1);
	},
	'squashed on another branch': (maker) => {
		const work = maker.work('session', maker.number(1, 3));
		const refs = { [main]: maker.moveOn(root, 1), 'refs/heads/release': squashOf(maker, work) };
		return { refs, tip: session(work), commits: work.length, there: work.length };
	},
	'squashed on a remote-tracking branch': (maker) => {
		const work = maker.work('session', maker.number(1, 3));
		const refs = { [main]: root, 'refs/remotes/origin/main': squashOf(maker, work) };
		return { refs, tip: session(work), commits: work.length, there: work.length };
	},
};

/** Home has none of one commit and all of the others. */
function allButOne(
	maker: Maker,
	made: (others: readonly (readonly Edit[])[]) => { readonly odd: readonly Edit[]; readonly target: ModelCommit },
): Scenario {
	const others = maker.work('session', maker.number(0, 3));
	const { odd, target } = made(others);
	return inMain(maker.moveOn(target), session([...others, odd]), others.length + 1, others.length);
}

/** Histories that look as if the work had come to home, and in which all or some of it has not. */
export const alike: Readonly<Record<string, Make>> = {
	'main moved on alone': (maker) => {
		const work = maker.work('session', maker.number(1, 4));
		return inMain(maker.moveOn(root, 1), session(work), work.length, 0);
	},
	'squashed, then reverted': (maker) => {
		const work = maker.work('session', maker.number(1, 4));
		const before = maker.moveOn(root);
		const squash = next(before, 'squash', ...work.flat());
		return inMain(maker.moveOn(set(squash, 'Revert "squash"', before.state)), session(work), work.length, 0);
	},
	'cherry-picked, then all reverted one by one': (maker) => {
		const work = maker.work('session', maker.number(1, 4));
		const before = maker.moveOn(root);
		let target = chain(before, 'picked', work);
		for (let left = work.length - 1; left >= 0; left -= 1) {
			target = set(target, 'revert', chain(before, 'picked', work.slice(0, left)).state);
		}
		return inMain(maker.moveOn(target), session(work), work.length, 0);
	},
	'cherry-picked, then the last reverted': (maker) =>
		allButOne(maker, (others) => {
			const odd = [maker.edit('session')];
			const before = chain(maker.moveOn(root), 'picked', others);
			return { odd, target: set(next(before, 'picked', ...odd), 'revert', before.state) };
		}),
	'squashed, then one place reverted': (maker) =>
		allButOne(maker, (others) => {
			const [odd, kept] = [maker.edit('session'), maker.edit('session')];
			const before = maker.moveOn(root);
			const squash = next(before, 'squash', ...others.flat(), odd, kept);
			return { odd: [odd, kept], target: set(squash, 'tidy', edited(before.state, ...others.flat(), kept)) };
		}),
	'squashed, then one place reverted beside another change': (maker) =>
		allButOne(maker, (others) => {
			const [slot, large] = [maker.slot(), maker.slot()];
			const lost = replace(slot, maker.text('session'));
			const kept = insert(large, ...maker.lines('session', 12));
			const before = maker.moveOn(root);
			const squash = next(before, 'squash', ...others.flat(), lost, kept);
			const tidy = edited(before.state, ...others.flat(), kept, touchNext(slot, maker.text('main')));
			return { odd: [lost, kept], target: set(squash, 'tidy', tidy) };
		}),
	'squashed, then one of two equal lines dropped': (maker) =>
		allButOne(maker, (others) => {
			const line = maker.text('session');
			// In the same file, so that the line is still there.
			const [one, other] = maker.pair();
			const kept = insert(other, line, ...maker.lines('session', 9));
			const before = maker.moveOn(root);
			const squash = next(before, 'squash', ...others.flat(), replace(one, line), kept);
			const tidy = edited(before.state, ...others.flat(), kept, touchNext(one, maker.text('main')));
			return { odd: [replace(one, line), kept], target: set(squash, 'tidy', tidy) };
		}),
	'squashed, then lines taken away are back': (maker) =>
		allButOne(maker, (others) => {
			const slot = maker.slot();
			const odd = [replace(slot), ...maker.work('session', 1).flat()];
			const before = maker.moveOn(root);
			const squash = next(before, 'squash', ...others.flat(), ...odd);
			const tidy = edited(before.state, ...others.flat(), ...odd.slice(1), touchNext(slot, maker.text('main')));
			return { odd, target: set(squash, 'tidy', tidy) };
		}),
	'squashed, then half of some lines dropped': (maker) =>
		allButOne(maker, (others) => {
			const slot = maker.slot();
			const lines = maker.lines('session', 8);
			const before = maker.moveOn(root);
			const squash = next(before, 'squash', ...others.flat(), insert(slot, ...lines));
			const tidy = edited(before.state, ...others.flat(), insert(slot, ...lines.slice(0, 4)));
			return { odd: [insert(slot, ...lines)], target: set(squash, 'tidy', tidy) };
		}),
	'squashed, then an added file removed': (maker) =>
		allButOne(maker, (others) => {
			const odd = [put('added.txt', `${maker.lines('session', 5).join('\n')}\n`)];
			return {
				odd,
				target: next(next(maker.moveOn(root), 'squash', ...others.flat(), ...odd), 'tidy', remove('added.txt')),
			};
		}),
	'squashed, one place settled otherwise': (maker) =>
		allButOne(maker, (others) => {
			const slot = maker.slot();
			const target = next(maker.moveOn(root), 'squash', ...others.flat(), replace(slot, maker.text('main')));
			return { odd: [replace(slot, maker.text('session'))], target };
		}),
	'merged with -s ours': (maker) => {
		const work = maker.work('session', maker.number(1, 3));
		const before = maker.moveOn(root);
		const side = chain(before, 'picked', work);
		const ours = next(before, 'main', maker.edit('main'));
		const both = { state: ours.state, parents: [ours, side], message: 'merge side' };
		return inMain(maker.moveOn(both), session(work), work.length, 0);
	},
	'reverted before the session merged main': (maker) => {
		const work = maker.work('session', maker.number(1, 3));
		const before = maker.moveOn(root);
		const squash = next(before, 'squash', ...work.flat());
		const joined = { state: squash.state, parents: [session(work), squash], message: 'merge main' };
		const more = maker.work('session', 1);
		const target = next(set(squash, 'revert', before.state), 'picked', ...more.flat());
		return inMain(maker.moveOn(target), session(more, joined), work.length + 2, 2);
	},
	'only the second half cherry-picked': (maker) => {
		const work = maker.work('session', 4);
		return inMain(maker.moveOn(chain(maker.moveOn(root), 'picked', work.slice(2))), session(work), 4, 2);
	},
	'only some places of each commit': (maker) => {
		const work = Array.from({ length: maker.number(1, 3) }, () => [maker.edit('session'), maker.edit('session')]);
		const half = work.map(([first]) => [first!]);
		return inMain(maker.moveOn(chain(maker.moveOn(root), 'session', half)), session(work), work.length, 0);
	},
	'the same places, other lines': (maker) => {
		const slots = [maker.slot(), maker.slot(), maker.slot()];
		const work = slots.map((slot) => [replace(slot, maker.text('session'))]);
		const target = chain(
			maker.moveOn(root),
			'session',
			slots.map((slot) => [replace(slot, maker.text('main'))]),
		);
		return inMain(target, session(work), 3, 0);
	},
	'the same files and messages, other places': (maker) => {
		const work = maker.work('session', 3);
		return inMain(chain(root, 'session', maker.work('main', 3)), session(work), 3, 0);
	},
	'other spaces': (maker) => {
		const [slot, other] = [maker.slot(), maker.slot()];
		const [text, more] = [maker.text('session'), maker.text('session')];
		const spaced = [`\t${text}`, `${text} `, text.replace(' ', '  '), `${text}\r`][maker.number(0, 3)]!;
		const work = [[replace(slot, text), replace(other, more)]];
		return inMain(
			maker.moveOn(next(root, 'session 1', replace(slot, spaced), replace(other, more))),
			session(work),
			1,
			0,
		);
	},
	'only spaces changed': (maker) => {
		const slot = maker.slot();
		const work = [[replace(slot, ` ${baseLine(slot)}`)]];
		return inMain(maker.moveOn(root, 1), session(work), 1, 0);
	},
	'line ends changed': (maker) => {
		const crlf: Edit = (files) => files.set('data/old.txt', { mode: '100644', text: 'one\r\ntwo\r\nthree\r\n' });
		const lf: Edit = (files) => files.set('data/old.txt', { mode: '100644', text: 'one\ntwo\nthree\n' });
		return inMain(maker.moveOn(next(root, 'lf', lf)), session([[crlf]]), 1, 0);
	},
	'only deletions': (maker) => {
		const work = [[remove('data/old.txt')], [replace(maker.slot())]];
		return inMain(maker.moveOn(root, 1), session(work), 2, 0);
	},
	'only a mode': (maker) =>
		inMain(maker.moveOn(next(root, 'echo', put('run.sh', 'x\n'))), session([[chmod('run.sh')]]), 1, 0),
	'content taken without its mode': (maker) => {
		const change = put('run.sh', `#!/bin/sh\n${maker.text('session')}\n`);
		return inMain(maker.moveOn(next(root, 'run', change)), session([[change, chmod('run.sh')]]), 1, 0);
	},
	'only a rename': (maker) => {
		const work = [[rename('data/old.txt', 'data/new.txt')]];
		return inMain(
			maker.moveOn(next(root, 'edit', put('data/old.txt', 'one\ntwo\nthree\nfour\nfive\n'))),
			session(work),
			1,
			0,
		);
	},
	'renamed otherwise': (maker) => {
		const target = next(root, 'move', rename('data/old.txt', 'data/other.txt'));
		return inMain(maker.moveOn(target), session([[rename('data/old.txt', 'data/new.txt')]]), 1, 0);
	},
	'another binary': (maker) => {
		const target = next(root, 'session 1', put('data/picture.bin', `\0${maker.text('main')}\xfd`));
		return inMain(maker.moveOn(target), session([[put('data/picture.bin', `\0${maker.text('session')}\xfd`)]]), 1, 0);
	},
	'empty commits alone': (maker) => inMain(maker.moveOn(root, 1), session([[], []]), 2, 0),
	'another of the same blocks': (maker) => {
		const [one, other] = [maker.number(0, 4), maker.number(5, 9)];
		const text = maker.text('session');
		const own = maker.number(0, 1) === 0 ? [] : [inBlock(one, maker.text('main'))];
		return inMain(
			maker.moveOn(next(root, 'session 1', inBlock(other, text), ...own)),
			session([[inBlock(one, text)]]),
			1,
			0,
		);
	},
	'made and removed again': (maker) => {
		const work = [[put('tmp.txt', 'tmp\n')], [remove('tmp.txt')]];
		return inMain(maker.moveOn(root, 1), session(work), 2, 0);
	},
	'changed and changed back': (maker) => {
		const slot = maker.slot();
		const line = maker.text('session');
		const work = [[replace(slot, line)], [rework(slot, line, baseLine(slot))]];
		return inMain(maker.moveOn(next(root, 'near', touchNext(slot, maker.text('main'))), 1), session(work), 2, 0);
	},
	'amended with another content': (maker) => {
		const work = maker.work('session', maker.number(1, 3));
		const last = session(work);
		return inMain(maker.moveOn(next(last.parents[0]!, 'session', maker.edit('session'))), last, 1, 0);
	},
	'histories without a common commit': (maker) => {
		const work = maker.work('session', 2);
		const alone: ModelCommit = { state: edited(root.state, ...work.flat()), parents: [], message: 'alone' };
		return inMain(alone, session(work), 3, 0);
	},
};

/** The scenario of this name for a seed. */
export function makeScenario(make: Make, seed: number): Scenario {
	return make(new Maker(seed));
}
