import type { ReactNode } from 'react';

interface IconProps {
  size?: number;
}

function Icon({ size = 20, children }: IconProps & { children: ReactNode }) {
  return (
    <svg
      width={size}
      height={size}
      viewBox="0 0 20 20"
      fill="none"
      stroke="currentColor"
      strokeWidth="1.6"
      strokeLinecap="round"
      strokeLinejoin="round"
      aria-hidden="true"
      focusable="false"
    >
      {children}
    </svg>
  );
}

export const CalendarIcon = (props: IconProps) => (
  <Icon {...props}>
    <path d="M3 5.500h14v11H3zM3 8.500h14M6.500 3v3M13.500 3v3" />
  </Icon>
);

export const MoreIcon = (props: IconProps) => (
  <Icon {...props}>
    <path d="M10 4.500v.01M10 10v.01M10 15.500v.01" strokeWidth="2.600" />
  </Icon>
);

export const CloseIcon = (props: IconProps) => (
  <Icon {...props}>
    <path d="m5 5 10 10M15 5 5 15" />
  </Icon>
);

export const CheckIcon = (props: IconProps) => (
  <Icon {...props}>
    <path d="m4.500 10.500 3.500 3.500 7.500-8" />
  </Icon>
);

export const AlertIcon = (props: IconProps) => (
  <Icon {...props}>
    <path d="M10 3 2.500 16.500h15zM10 8.500v3.500M10 14.200v.01" />
  </Icon>
);

export const PreviousIcon = (props: IconProps) => (
  <Icon {...props}>
    <path d="m12 4.500-5.500 5.500 5.500 5.500" />
  </Icon>
);

export const NextIcon = (props: IconProps) => (
  <Icon {...props}>
    <path d="M8 4.500 13.500 10 8 15.500" />
  </Icon>
);

export const ChevronIcon = (props: IconProps) => (
  <Icon {...props}>
    <path d="m5 7.500 5 5 5-5" />
  </Icon>
);

export const PlusIcon = (props: IconProps) => (
  <Icon {...props}>
    <path d="M10 4v12M4 10h12" />
  </Icon>
);

export const SearchIcon = (props: IconProps) => (
  <Icon {...props}>
    <path d="M13 13l4 4M14.500 9a5.500 5.500 0 1 1-11 0 5.500 5.500 0 0 1 11 0z" />
  </Icon>
);

/** Which way a column is ordered; both ways, faintly, where it isn't. */
export const SortIcon = ({ direction, size = 14 }: IconProps & { direction: 'up' | 'down' | undefined }) => (
  <Icon size={size}>
    {direction !== 'down' && <path d="m6 8 4-4 4 4" opacity={direction ? 1 : 0.45} />}
    {direction !== 'up' && <path d="m6 12 4 4 4-4" opacity={direction ? 1 : 0.45} />}
  </Icon>
);

export const CopyIcon = (props: IconProps) => (
  <Icon {...props}>
    <path d="M7 7h9v9H7zM4 13V4h9" />
  </Icon>
);
