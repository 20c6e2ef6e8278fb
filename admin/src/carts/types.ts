import type { Got } from '../api/types';

/** What became of an episode of a cart. */
export type DecidedCart = Got<'/carts'>['items'][number];
/** Where a cart stands; alone it has its gate, too. */
export type Cart = Got<'/carts/{orderFormId}'>;
export type Decision = NonNullable<Cart['decision']>;
export type Gate = NonNullable<Cart['gate']>;
export type GateStep = Gate['steps'][number];
