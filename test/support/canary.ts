import { chmodSync, mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** Programs that leave a note when they run: where something of a session was executed, its label is told. */
export class Canary {
	readonly #program: string;
	readonly #notes: string;

	constructor(folder: string) {
		this.#program = join(folder, 'canary');
		this.#notes = join(folder, 'ran');
		mkdirSync(this.#notes, { recursive: true });
		this.script(this.#program, '$1');
	}

	/** A command line that leaves the label; for configuration. */
	command(label: string): string {
		return `${this.#program} ${label}`;
	}

	/** An executable file that leaves the label, or its first argument for `$1`. */
	script(path: string, label: string): void {
		mkdirSync(dirname(path), { recursive: true });
		writeFileSync(path, this.text(label));
		chmodSync(path, 0o755);
	}

	/** What such a file holds. */
	text(label: string): string {
		return `#!/bin/sh\n: >"${this.#notes}/${label}"\n`;
	}

	/** Labels of all that ran until now, sorted. */
	ran(): string[] {
		return readdirSync(this.#notes).sort();
	}

	forget(): void {
		for (const name of this.ran()) {
			rmSync(join(this.#notes, name));
		}
	}
}
