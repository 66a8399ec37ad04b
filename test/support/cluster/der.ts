/** A value of DER with its tag and its length. */
export function der(tag: number, ...parts: readonly Buffer[]): Buffer {
	const body = Buffer.concat(parts);
	const length: number[] = [];
	for (let rest = body.length; rest > 0; rest = Math.floor(rest / 256)) {
		length.unshift(rest % 256);
	}
	const head = body.length < 128 ? [body.length] : [0x80 + length.length, ...length];
	return Buffer.concat([Buffer.from([tag, ...head]), body]);
}

export function sequence(...parts: readonly Buffer[]): Buffer {
	return der(0x30, ...parts);
}

export function set(...parts: readonly Buffer[]): Buffer {
	return der(0x31, ...parts);
}

/** A number of so many bytes, taken as positive. */
export function integer(bytes: Buffer): Buffer {
	return der(0x02, (bytes[0] ?? 0) >= 0x80 ? Buffer.concat([Buffer.from([0]), bytes]) : bytes);
}

/** An object identifier, such as `2.5.4.3`. */
export function oid(text: string): Buffer {
	const [first = 0, second = 0, ...rest] = text.split('.').map(Number);
	const bytes = rest.flatMap((number) => {
		const digits = [number & 0x7f];
		for (let left = number >>> 7; left > 0; left >>>= 7) {
			digits.unshift((left & 0x7f) | 0x80);
		}
		return digits;
	});
	return der(0x06, Buffer.from([first * 40 + second, ...bytes]));
}

export function utf8(text: string): Buffer {
	return der(0x0c, Buffer.from(text));
}

/** A time before 2050, in whole seconds. */
export function utcTime(at: Date): Buffer {
	return der(0x17, Buffer.from(`${at.toISOString().replaceAll(/[-:T]/g, '').slice(2, 14)}Z`));
}

export function bits(bytes: Buffer): Buffer {
	return der(0x03, Buffer.from([0]), bytes);
}

export function octets(bytes: Buffer): Buffer {
	return der(0x04, bytes);
}

export function boolean(value: boolean): Buffer {
	return der(0x01, Buffer.from([value ? 0xff : 0]));
}
