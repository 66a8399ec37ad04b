/** Something that holds a resource until it is disposed; disposing twice is harmless. */
export interface Disposable {
	dispose(): void;
}
