/** Milliseconds by phase, in the order in which they came. */
export type Phases = ReadonlyMap<string, number>;

/** One thing that is about to be timed. */
export interface Attempt {
	/** What is timed; may tell where its time went. */
	run(): Promise<Phases | null>;
	/** Null where the result is right, else what is wrong with it. `thorough` asks for every byte to be read. */
	check(thorough: boolean): Promise<string | null>;
	/** Removes what the attempt left. */
	dispose(): Promise<void>;
}

/** One way to do the work of a row. */
export interface Contender {
	readonly name: string;
	/** Everything that does not count. */
	prepare(run: number): Promise<Attempt>;
	/** Where it takes minutes: how often at most it is run, warm-up left out. */
	readonly most?: number;
}

/** What a row is measured against. */
export interface Aim {
	readonly text: string;
	/** The phases of ours that count; all of it where they are missing. */
	readonly phases?: readonly string[];
	/** The most that ours may take, in milliseconds, by the medians of the peers. */
	limit(median: (peer: string) => number): number;
}

/** A row whose repositories are there. The first contender is ours. */
export interface Scene {
	readonly contenders: readonly Contender[];
	/** Ends what the scene has started. */
	close?(): Promise<void>;
	/** Changes the session before each run; all contenders then see the same. */
	next?(run: number): Promise<void>;
}

/** One line of the table. */
export interface Row {
	readonly name: string;
	readonly title: string;
	readonly aim: Aim | null;
	/** Runs that count, and those before them that do not. */
	readonly runs: number;
	readonly warmUps: number;
	open(folder: string): Promise<Scene>;
}

/** What came of one contender; milliseconds. */
export interface Measured {
	readonly name: string;
	readonly times: readonly number[];
	/** Medians by phase; empty where the contender tells of none. */
	readonly phases: Phases;
	/** What was wrong, each once; empty where every run was right. */
	readonly wrong: readonly string[];
}

/**
 * Runs the contenders of a row in turn, in alternating order, and checks the result of every run. `settle` is awaited
 * before each timed run, so that none pays for what the one before left to be written.
 */
export async function measure(row: Row, folder: string, settle: () => Promise<void>): Promise<Measured[]> {
	const scene = await row.open(folder);
	const kept = scene.contenders.map(() => ({
		times: [] as number[],
		phases: [] as Phases[],
		wrong: new Set<string>(),
	}));
	const total = row.warmUps + row.runs;
	for (let run = 0; run < total; run++) {
		await scene.next?.(run);
		const order = [...scene.contenders.keys()];
		for (const index of run % 2 === 0 ? order : order.reverse()) {
			const contender = scene.contenders[index]!;
			const { times, phases, wrong } = kept[index]!;
			const isWarmUp = run < row.warmUps;
			if (contender.most !== undefined && (isWarmUp || times.length >= contender.most)) {
				continue;
			}
			const attempt = await contender.prepare(run);
			await settle();
			const start = performance.now();
			const split = await attempt.run();
			const time = performance.now() - start;
			const fault = await attempt.check(run === total - 1);
			await attempt.dispose();
			if (fault !== null) {
				wrong.add(fault);
			}
			if (!isWarmUp) {
				times.push(time);
				phases.push(...(split === null ? [] : [split]));
			}
		}
	}
	await scene.close?.();
	return scene.contenders.map(({ name }, index) => {
		const { times, phases, wrong } = kept[index]!;
		return { name, times, phases: medianPhases(phases), wrong: [...wrong] };
	});
}

/** The middle of some numbers; the mean of the two in the middle where they are even in number. */
export function median(numbers: readonly number[]): number {
	const sorted = [...numbers].sort((a, b) => a - b);
	const half = sorted.length >> 1;
	return sorted.length % 2 === 1 ? sorted[half]! : (sorted[half - 1]! + sorted[half]!) / 2;
}

function medianPhases(all: readonly Phases[]): Phases {
	const names = new Set(all.flatMap((phases) => [...phases.keys()]));
	return new Map([...names].map((name) => [name, median(all.map((phases) => phases.get(name) ?? 0))]));
}
