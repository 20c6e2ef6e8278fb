interface SkeletonProps {
  width?: number | string;
  height?: number;
}

/** Stands where something will be, in its size, so that nothing jumps when it comes. */
export function Skeleton({ width = '100%', height = 16 }: SkeletonProps) {
  return <span className="skeleton" aria-hidden="true" style={{ width, height }} />;
}
