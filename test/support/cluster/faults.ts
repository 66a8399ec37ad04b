/** What goes wrong with a request that is no exec. */
export type RestFault =
	/** Answered with this status; a 429 and a 503 say when to come again. */
	| { readonly kind: 'status'; readonly status: number; readonly retryAfterSeconds?: number }
	/** Never answered. */
	| { readonly kind: 'hang' }
	/** The connection is broken off without an answer. */
	| { readonly kind: 'reset' }
	/** Answered with 200 and a body that is no JSON; in a watch, a line that is none. */
	| { readonly kind: 'garbage' }
	/** A watch alone: an ERROR event with code 410 comes first. */
	| { readonly kind: 'expired' }
	/** A watch alone: after so many events, it ends properly, or in the midst of the next one, or says nothing more. */
	| { readonly kind: 'cut'; readonly afterEvents: number; readonly how: 'end' | 'midEvent' | 'stall' };

/** What goes wrong with an exec; several may be given together. */
export interface ExecFault {
	/** Answered with this status before the upgrade. */
	readonly refuse?: number;
	/** Upgrades, and names no protocol. */
	readonly noProtocol?: boolean;
	/** Knows version 4 of the protocol alone. */
	readonly onlyV4?: boolean;
	/** Ends the stream after so much has gone. */
	readonly cut?: Cut;
	/** Sends nothing more after so many bytes of stdout, and keeps the connection open. */
	readonly stallAfterStdoutBytes?: number;
	/** Waits so long before each frame. */
	readonly delayMs?: number;
	/** Sends the frame of this number twice; the first one, which is empty, has number 0. */
	readonly duplicateFrame?: number;
	/** Runs nothing, and sends stdout without an end. */
	readonly flood?: boolean;
	/** Says on channel 3 that all went well, whatever the command did; or this text. */
	readonly status?: 'success' | { readonly text: string };
}

/** When and how a stream ends before its time. The first of the limits that is reached counts. */
export interface Cut {
	readonly afterStdoutBytes?: number;
	readonly afterStdinBytes?: number;
	/** Frames that the server has sent, the first empty one among them. */
	readonly afterFrames?: number;
	/** A status frame before the end; none where it is missing. */
	readonly status?: 'success' | 'failure';
	/** The code of the close frame; where it is missing there is none, and the connection is broken off. */
	readonly closeCode?: number;
}

/** Which requests a fault is for; what is missing fits all. */
export interface Where {
	readonly verb?: string;
	/** The plural name with the subresource, such as `pods/log`. */
	readonly resource?: string;
	readonly namespace?: string;
	readonly name?: string;
	/** How often the fault happens; always where it is missing. */
	readonly times?: number;
	/** How many requests that fit go by before it happens. */
	readonly after?: number;
}

export type Asked = Required<Omit<Where, 'times' | 'after'>>;

/** The faults that are set; each `…` returns what takes it away again. */
export interface Faults {
	rest(fault: RestFault, where?: Where): () => void;
	exec(fault: ExecFault, where?: Where): () => void;
	clear(): void;
	takeRest(asked: Asked): RestFault | undefined;
	/** All faults that fit, together. */
	takeExec(asked: Asked): ExecFault;
}

interface Entry<T> {
	readonly fault: T;
	readonly where: Where;
	/** Requests that still go by. */
	skip: number;
	left: number;
}

export function createFaults(): Faults {
	const rest: Entry<RestFault>[] = [];
	const exec: Entry<ExecFault>[] = [];
	return {
		rest: (fault, where = {}) => put(rest, fault, where),
		exec: (fault, where = {}) => put(exec, fault, where),
		clear: () => {
			rest.length = 0;
			exec.length = 0;
		},
		takeRest: (asked) => take(rest, asked)[0],
		takeExec: (asked) => Object.assign({}, ...take(exec, asked)) as ExecFault,
	};
}

function put<T>(entries: Entry<T>[], fault: T, where: Where): () => void {
	const entry = { fault, where, skip: where.after ?? 0, left: where.times ?? Infinity };
	entries.push(entry);
	return () => {
		entry.left = 0;
	};
}

function take<T>(entries: Entry<T>[], asked: Asked): T[] {
	const asking = entries.filter(
		({ where, left }) =>
			left > 0 &&
			(where.verb ?? asked.verb) === asked.verb &&
			(where.resource ?? asked.resource) === asked.resource &&
			(where.namespace ?? asked.namespace) === asked.namespace &&
			(where.name ?? asked.name) === asked.name,
	);
	const fitting = asking.filter(({ skip }) => skip === 0);
	for (const entry of asking) {
		if (entry.skip > 0) {
			entry.skip -= 1;
		} else {
			entry.left -= 1;
		}
	}
	return fitting.map(({ fault }) => fault);
}
