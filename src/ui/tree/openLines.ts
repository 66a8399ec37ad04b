// Longer lists are folded at first: nobody opened so many.
const mostOpen = 20;

/** Which lines of the tree are open, as far as a person or the window has said. */
export class OpenLines {
	readonly #open = new Map<string, boolean>();
	readonly #atFirst = new Map<string, boolean>();

	/** A person opened or closed it. */
	set(nodeId: string, open: boolean): void {
		this.#open.set(nodeId, open);
	}

	/** The window shows what is below it. True where that was not known. */
	shown(nodeId: string): boolean {
		// Closed by a person, it is asked for only to be ready.
		if (this.#open.has(nodeId)) {
			return false;
		}
		this.#open.set(nodeId, true);
		return true;
	}

	isOpen(nodeId: string | null): boolean {
		return nodeId !== null && this.#open.get(nodeId) === true;
	}

	isClosed(nodeId: string): boolean {
		return this.#open.get(nodeId) === false;
	}

	/** Whether the line is open when it is first drawn, beside or above so many; it stays with that. */
	atFirst(nodeId: string, amount: number): boolean {
		const known = this.#atFirst.get(nodeId) ?? amount <= mostOpen;
		this.#atFirst.set(nodeId, known);
		return known;
	}
}
