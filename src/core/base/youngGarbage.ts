import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

type Collect = (options: { readonly type: 'minor' }) => void;

let collect: Collect | null = null;

/**
 * Lets V8 free what was dropped a moment ago; takes about a millisecond. Buffers lie outside of V8's heap: those that a
 * long stream leaves behind make V8 collect only when they are 64 MB, which this keeps from happening.
 */
export function collectYoungGarbage(): void {
	if (collect === null) {
		// The flag is read where a context is made; this process's own contexts stay as they are.
		setFlagsFromString('--expose-gc');
		collect = runInNewContext('gc') as Collect;
		setFlagsFromString('--no-expose-gc');
	}
	collect({ type: 'minor' });
}
