import { strict as assert } from 'node:assert';
import { PassThrough } from 'node:stream';
import { text } from 'node:stream/consumers';
import { readLine } from '../../../src/cli/remote/readLine.js';

describe('a line of what git says', () => {
	it('is read however it comes, and what follows stays', async () => {
		const input = new PassThrough();
		const lines = [readLine(input)];
		input.write('capa');
		await new Promise(setImmediate);
		input.write('bilities\n');
		lines.push(lines[0]!.then(() => readLine(input)));
		assert.equal(await lines[0], 'capabilities');
		input.end('connect git-upload-pack\n\0\x01rest\n');
		assert.equal(await lines[1], 'connect git-upload-pack');
		assert.equal(await text(input), '\0\x01rest\n');
	});

	it('is none where the stream ends, breaks off, or goes on without one', async () => {
		const ended = new PassThrough();
		ended.end('half a line');
		assert.equal(await readLine(ended), null);
		assert.equal(await readLine(ended), null);
		const broken = new PassThrough();
		const waiting = readLine(broken);
		broken.destroy();
		assert.equal(await waiting, null);
		const endless = new PassThrough();
		endless.write('x'.repeat(5000));
		assert.equal(await readLine(endless), null);
	});
});
