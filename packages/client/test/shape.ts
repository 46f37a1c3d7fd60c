/** Stands for a field that may be missing. */
interface Absent {
  readonly absent: true;
}

/**
 * A type of JSON in which fields that may be missing must be there, as such: two types are the same if the shape of
 * each is assignable to that of the other. Whether it is readonly makes no difference.
 */
export type Shape<T> = unknown extends T
  ? unknown
  : T extends readonly (infer Item)[]
    ? Shape<Item>[]
    : T extends object
      ? {
          [Name in keyof T]-?:
            | Shape<Exclude<T[Name], undefined>>
            | (undefined extends T[Name] ? Absent : never);
        }
      : T;

/** Does not compile unless `Inner` is assignable to `Outer`. */
export type Within<Inner extends Outer, Outer> = [Inner, Outer];
