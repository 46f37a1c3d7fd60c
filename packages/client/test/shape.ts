/** Stands for a field that may be missing. */
interface Absent {
  readonly absent: true;
}

/** What all members of a union together say of each field; the document doesn't tell which fields go with which state. */
type Joined<T> = { [Name in keyof T & string]: T[Name] };

/**
 * A type of JSON in which fields that may be missing must be there, as such: two types are the same if the shape of
 * each is assignable to that of the other. Whether it is readonly makes no difference.
 */
export type Shape<T> = unknown extends T
  ? unknown
  : [T] extends [{ readonly state: unknown }]
    ? Fields<Joined<T>>
    : T extends readonly (infer Item)[]
      ? Shape<Item>[]
      : T extends object
        ? Fields<T>
        : T;

type Fields<T> = {
  [Name in keyof T]-?: Shape<Exclude<T[Name], undefined>> | (undefined extends T[Name] ? Absent : never);
};

/** Does not compile unless `Inner` is assignable to `Outer`. */
export type Within<Inner extends Outer, Outer> = [Inner, Outer];
