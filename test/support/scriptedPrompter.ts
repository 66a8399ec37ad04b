import type { Progress } from '../../src/core/model/report.js';
import type { CancellableCall } from '../../src/ui/platform/progress.js';
import type { Confirmation, Notice, Prompter, Question } from '../../src/ui/prompts/prompter.js';
import type { Choice, PickableChoice } from '../../src/ui/prompts/choice.js';

/**
 * What is asked for, and the answer: a label for `pick` and `notify`, labels for `pickSeveral`, a text for `ask` and `folder`; null turns away.
 * A `confirm` may have something happen before it is answered.
 */
export type Answer =
	| readonly ['confirm', boolean, (() => Promise<void>)?]
	| readonly ['pickSeveral', readonly string[] | null]
	| readonly ['pick' | 'ask' | 'folder' | 'notify', string | null];

/** Answers questions in the order given, and keeps what was asked. A question out of order ends the script. */
export class ScriptedPrompter implements Prompter {
	readonly asked: unknown[] = [];
	/** Settles when every answer was taken, or the script was left. */
	readonly done: Promise<void>;
	/** Says when the user cancels what goes on. */
	cancelWhen: (progress: Progress) => boolean = () => false;
	readonly #answers: Answer[];
	readonly #end: (error: Error | null) => void;

	constructor(...answers: readonly Answer[]) {
		this.#answers = [...answers];
		const { promise, resolve, reject } = Promise.withResolvers<void>();
		this.done = promise;
		this.#end = (error) => (error === null ? resolve() : reject(error));
	}

	async confirm(confirmation: Confirmation): Promise<boolean> {
		const [next] = this.#answers;
		const meanwhile = next?.[0] === 'confirm' ? next[2] : undefined;
		const answer = this.#take('confirm', confirmation) === true;
		await meanwhile?.();
		return answer;
	}

	async progress<T>(_title: string, work: (call: CancellableCall) => Promise<T>): Promise<T> {
		const abort = new AbortController();
		const onProgress = (progress: Progress): void => {
			if (this.cancelWhen(progress)) {
				abort.abort();
			}
		};
		return work({ signal: abort.signal, onProgress, onStep: () => undefined, whileAsking: (ask) => ask() });
	}

	async pick<T>(title: string, choices: readonly Choice<T>[]): Promise<T | null> {
		const label = this.#take('pick', [title, ...choices.map((choice) => choice.label)]);
		return choices.find((choice) => choice.label === label)?.value ?? null;
	}

	async pickSeveral<T>(
		{ title }: { readonly title: string },
		choices: readonly PickableChoice<T>[],
	): Promise<readonly T[] | null> {
		const lines = choices.map(({ label, picked }) => `${picked ? '[x]' : '[ ]'} ${label}`);
		const labels = this.#take('pickSeveral', [title, ...lines]);
		return Array.isArray(labels)
			? choices.filter((choice) => labels.includes(choice.label)).map(({ value }) => value)
			: null;
	}

	async ask(question: Question): Promise<string | null> {
		return textOf(this.#take('ask', [question.prompt, question.value]));
	}

	async folder(title: string): Promise<string | null> {
		return textOf(this.#take('folder', title));
	}

	async notify({ level, message, actions }: Notice): Promise<string | null> {
		return textOf(this.#take('notify', [level, message, ...actions]));
	}

	#take(kind: Answer[0], question: unknown): Answer[1] {
		const answer = this.#answers.shift();
		this.asked.push(question);
		if (answer?.[0] !== kind) {
			const error = new Error(`asked ${JSON.stringify([kind, question])}, scripted ${JSON.stringify(answer ?? null)}`);
			this.#end(error);
			throw error;
		}
		if (this.#answers.length === 0) {
			this.#end(null);
		}
		return answer[1];
	}
}

function textOf(answer: Answer[1]): string | null {
	return typeof answer === 'string' ? answer : null;
}
